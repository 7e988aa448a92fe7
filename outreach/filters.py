"""Filters of lists of programmes and sessions."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError

from outreach.models import Programme, Session
from outreach.states import EnrolmentState, ProgrammeKind, SessionState


class ProgrammeFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(choices=ProgrammeKind.choices)
    age = django_filters.NumberFilter(method="for_age", min_value=0, max_value=99, label="how old on the first day")

    class Meta:
        model = Programme
        fields: list[str] = []

    def for_age(self, found: Any, _name: str, age: Any) -> QuerySet[Programme]:
        return found.for_age(int(age))


class SessionFilter(django_filters.FilterSet):  # type: ignore[misc]
    programme = django_filters.CharFilter(field_name="programme__slug")
    state = django_filters.MultipleChoiceFilter(choices=SessionState.choices)

    class Meta:
        model = Session
        fields: list[str] = []


class EnrolmentFilter(django_filters.FilterSet):  # type: ignore[misc]
    state = django_filters.MultipleChoiceFilter(choices=EnrolmentState.choices)
    session = django_filters.UUIDFilter(field_name="session_id")


def filtered(found: Any) -> QuerySet[Any]:
    """What a set of filters lets through, or a ValidationError that names what cannot be read."""
    if not found.is_valid():
        raise ValidationError(found.errors)
    return found.qs  # type: ignore[no-any-return]
