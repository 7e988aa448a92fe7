"""One set of filters for lists of bookings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from accounts.models import User
from bookings.models import Booking
from bookings.states import State
from common.api import AwareDateTimeField

TRUE_OR_FALSE = [("true", "true"), ("false", "false")]


class AwareField(forms.Field):
    """A time of an address: the API's own rule for times, so that one without its offset is refused here too."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            return AwareDateTimeField().to_internal_value(value)
        except ValidationError as error:
            raise forms.ValidationError([str(detail) for detail in error.detail]) from error


class AwareFilter(django_filters.Filter):  # type: ignore[misc]
    field_class = AwareField


class BookingFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=State.choices)
    instrument = django_filters.CharFilter(field_name="instrument__slug")
    facility = django_filters.CharFilter(field_name="instrument__facility__slug")
    external_ref = django_filters.CharFilter(field_name="external_ref")
    mine = django_filters.ChoiceFilter(choices=TRUE_OR_FALSE, method="by_mine")
    needs_me = django_filters.ChoiceFilter(choices=TRUE_OR_FALSE, method="by_need")

    class Meta:
        model = Booking
        fields: list[str] = []

    def by_mine(self, found: Any, _name: str, mine: str) -> Any:
        return found.filter(user=self.user) if mine == "true" else found.exclude(user=self.user)

    def by_need(self, found: Any, _name: str, needed: str) -> Any:
        waiting = Booking.objects.needing_decision_of(self.user).order_by().values("pk")
        return found.filter(pk__in=waiting) if needed == "true" else found.exclude(pk__in=waiting)

    @classmethod
    def of(cls, parameters: Mapping[str, Any], bookings: QuerySet[Booking], *, user: User) -> QuerySet[Booking]:
        """What the parameters ask for; a value that no filter knows is a ValidationError."""
        if not cls.base_filters.keys() & parameters.keys():
            return bookings  # to put a form together takes a millisecond
        found = cls(parameters, queryset=bookings)
        found.user = user
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found.qs  # type: ignore[no-any-return]


# `from` is a word of Python's: these two are put in by name, and the third beside them.
BookingFilter.base_filters["from"] = AwareFilter(field_name="ends_at", lookup_expr="gt")
BookingFilter.base_filters["to"] = AwareFilter(field_name="starts_at", lookup_expr="lt")
BookingFilter.base_filters["updated_since"] = AwareFilter(field_name="updated_at", lookup_expr="gte")
