"""One set of filters for lists of charges."""

from __future__ import annotations

import django_filters

from billing.models import Charge
from billing.states import ChargeState


class ChargeFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=ChargeState.choices)
    wallet = django_filters.UUIDFilter(field_name="wallet")
    seller = django_filters.UUIDFilter(field_name="seller")
    used_from = django_filters.DateFilter(field_name="used_on", lookup_expr="gte")
    used_to = django_filters.DateFilter(field_name="used_on", lookup_expr="lte")

    class Meta:
        model = Charge
        fields: list[str] = []
