"""One set of filters for the catalogue page and the API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from accounts.models import Organisation
from accounts.states import Audience
from instruments.models import Category, Instrument, TestItem
from instruments.ranking import Reading
from instruments.services import Readings, readings_of
from instruments.states import BookedWhere, Door

BOOKED_TIME = [BookedWhere.HERE, BookedWhere.OWNER]


def codes_of_categories() -> list[tuple[str, str]]:
    """Each code, with its scheme (`jishi:03`) and without, for whom the scheme does not matter."""
    categories = list(Category.objects.all())
    exact = [(f"{category.scheme_id}:{category.code}", str(category)) for category in categories]
    return [*exact, *{category.code: (category.code, str(category)) for category in categories}.values()]


def organisations_with_facilities(_request: object = None) -> QuerySet[Organisation]:
    return Organisation.objects.filter(facilities__isnull=False).distinct().order_by("name_zh")


def _of_category(value: str) -> Q:
    scheme, _colon, code = value.rpartition(":")
    return Q(category__code=code, category__scheme=scheme) if scheme else Q(category__code=code)


# What each filter asks of an instrument; the facets count by the same.
CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "category": _of_category,
    "organisation": lambda organisation: Q(organisation=organisation),
    "technique": lambda technique: Q(techniques__contains=[technique]),
    "sharing": lambda audience: Q(sharing__contains=[audience]),
    "youth": lambda fit: Q(fit_for_youth=fit == "true"),
    "booked_where": lambda where: Q(booked_where=where),
    "door": lambda door: Q(booked_where__in=BOOKED_TIME) if door == Door.BOOK else Q(takes_samples=True),
}
ITEM_CONDITIONS: dict[str, Callable[[Any], Q]] = {
    "organisation": lambda organisation: Q(facility__organisation=organisation),
    "technique": lambda technique: Q(techniques__contains=[technique]),
}


class SearchFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Words, and facets whose conditions are in `conditions_by_name`."""

    q = django_filters.CharFilter(label=_("Words"), method="by_words", max_length=200)
    conditions_by_name: Mapping[str, Callable[[Any], Q]] = {}

    def __init__(self, *args: Any, readings: Readings | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.readings = readings  # how the words were taken, where somebody has taken them already

    @property
    def reading(self) -> Reading | None:
        """How the words are taken among these records; None without words."""
        if self.readings is None:
            return None
        return self.readings.of_items if self._meta.model is TestItem else self.readings.of_instruments

    def by_words(self, found: Any, _name: str, words: str) -> Any:
        self.readings = self.readings or readings_of(words)
        return found.matching(self.reading)

    def by_facet(self, found: Any, name: str, value: Any) -> Any:
        return found.filter(self.conditions_by_name[name](value))

    def conditions(self) -> dict[str, Q]:
        """The facets that were chosen, by name; none where the parameters are wrong."""
        if not self.is_valid():
            return {}
        given = {name: self.form.cleaned_data.get(name) for name in self.conditions_by_name}
        return {name: self.conditions_by_name[name](value) for name, value in given.items() if value not in {None, ""}}

    def by_words_alone(self) -> Any:
        """What the words find, whatever facets are chosen."""
        words = self.form.cleaned_data.get("q") if self.is_valid() else ""
        return self.by_words(self.queryset, "q", words) if words else self.queryset

    @classmethod
    def of(cls, parameters: Mapping[str, Any], records: QuerySet[Any]) -> Any:
        """What the parameters ask for; a value that no filter knows is a ValidationError, not an empty list."""
        found = cls(parameters, queryset=records)
        if not found.is_valid():
            raise ValidationError(found.errors)
        return found.qs


class InstrumentFilter(SearchFilter):
    conditions_by_name = CONDITIONS

    category = django_filters.ChoiceFilter(
        label=_("Category"), method="by_facet", choices=codes_of_categories, empty_label=_("all")
    )
    organisation = django_filters.ModelChoiceFilter(
        label=_("Organisation"), method="by_facet", queryset=organisations_with_facilities, empty_label=_("all")
    )
    technique = django_filters.CharFilter(label=_("Technique"), method="by_facet")
    sharing = django_filters.ChoiceFilter(
        label=_("Open to"), choices=Audience.choices, method="by_facet", empty_label=_("all")
    )
    youth = django_filters.ChoiceFilter(
        label=_("Fit for young people"),
        choices=[("true", _("yes")), ("false", _("no"))],
        method="by_facet",
        empty_label=_("all"),
    )
    booked_where = django_filters.ChoiceFilter(
        label=_("Booked where"), choices=BookedWhere.choices, method="by_facet", empty_label=_("all")
    )
    door = django_filters.ChoiceFilter(label=_("Door"), choices=Door.choices, method="by_facet", empty_label=_("all"))

    class Meta:
        model = Instrument
        fields: list[str] = []


class TestItemFilter(SearchFilter):
    __test__ = False
    conditions_by_name = ITEM_CONDITIONS

    organisation = django_filters.ModelChoiceFilter(
        label=_("Organisation"), method="by_facet", queryset=organisations_with_facilities, empty_label=_("all")
    )
    technique = django_filters.CharFilter(label=_("Technique"), method="by_facet")
    facility = django_filters.CharFilter(label=_("Facility"), field_name="facility__slug")
    instrument = django_filters.CharFilter(label=_("Instrument"), method="by_instrument")

    class Meta:
        model = TestItem
        fields: list[str] = []

    def by_instrument(self, found: Any, _name: str, slug: str) -> Any:
        return found.filter(instruments__slug=slug)
