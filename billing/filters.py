"""One set of filters for lists of charges."""

from __future__ import annotations

from typing import Any

import django_filters

from billing.models import Charge, Invoice, Payment
from billing.states import ChargeState, InvoiceState


class ChargeFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=ChargeState.choices)
    wallet = django_filters.UUIDFilter(field_name="wallet")
    seller = django_filters.UUIDFilter(field_name="seller")
    used_from = django_filters.DateFilter(field_name="used_on", lookup_expr="gte")
    used_to = django_filters.DateFilter(field_name="used_on", lookup_expr="lte")

    class Meta:
        model = Charge
        fields: list[str] = []


class InvoiceFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=InvoiceState.choices)
    seller = django_filters.UUIDFilter(field_name="seller")
    wallet = django_filters.UUIDFilter(field_name="wallet")
    run = django_filters.UUIDFilter(field_name="run")
    reference = django_filters.CharFilter(field_name="reference")
    issued_from = django_filters.DateFilter(field_name="issued_on", lookup_expr="gte")
    issued_to = django_filters.DateFilter(field_name="issued_on", lookup_expr="lte")

    class Meta:
        model = Invoice
        fields: list[str] = []


class PaymentFilter(django_filters.FilterSet):  # type: ignore[misc]
    seller = django_filters.UUIDFilter(field_name="seller")
    invoice = django_filters.UUIDFilter(field_name="invoice")
    unclaimed = django_filters.BooleanFilter(method="only_unclaimed")

    class Meta:
        model = Payment
        fields: list[str] = []

    def only_unclaimed(self, found: Any, _name: str, value: bool) -> Any:
        return found.unclaimed() if value else found
