"""One set of filters for the catalogue page and the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from accounts.models import Organisation
from accounts.states import Audience
from instruments.models import Category, Instrument
from instruments.services import reading_of
from instruments.states import BookedWhere


def codes_of_categories() -> list[tuple[str, str]]:
    """Each code once, also where two schemes have it."""
    return list({category.code: (category.code, str(category)) for category in Category.objects.all()}.values())


class InstrumentFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(label=_("Words"), method="by_words", max_length=200)
    category = django_filters.ChoiceFilter(
        label=_("Category"), field_name="category__code", choices=codes_of_categories, empty_label=_("all")
    )
    organisation = django_filters.ModelChoiceFilter(
        label=_("Organisation"),
        queryset=Organisation.objects.filter(facilities__isnull=False).distinct().order_by("name_zh"),
        field_name="facility__organisation",
        empty_label=_("all"),
    )
    technique = django_filters.CharFilter(label=_("Technique"), field_name="techniques", method="by_member")
    sharing = django_filters.ChoiceFilter(
        label=_("Open to"), choices=Audience.choices, method="by_member", empty_label=_("all")
    )
    youth = django_filters.ChoiceFilter(
        label=_("Fit for young people"),
        choices=[("true", _("yes")), ("false", _("no"))],
        method="by_youth",
        empty_label=_("all"),
    )
    booked_where = django_filters.ChoiceFilter(
        label=_("Booked where"), choices=BookedWhere.choices, empty_label=_("all")
    )

    class Meta:
        model = Instrument
        fields: list[str] = []

    def by_words(self, found: Any, _name: str, words: str) -> Any:
        self.reading = reading_of(words)
        return found.matching(self.reading)

    def by_member(self, found: Any, name: str, value: str) -> Any:
        return found.filter(**{f"{name}__contains": [value]})

    def by_youth(self, found: Any, _name: str, fit: str) -> Any:
        return found.filter(fit_for_youth=fit == "true")

    @classmethod
    def of(cls, parameters: Mapping[str, Any], instruments: QuerySet[Instrument]) -> QuerySet[Instrument]:
        """What the parameters ask for; a value that no filter knows is a ValidationError, not an empty list."""
        found = cls(parameters, queryset=instruments)
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found.qs  # type: ignore[no-any-return]
