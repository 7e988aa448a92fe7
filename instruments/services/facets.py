"""How many records each choice of a filter would leave: counted in one statement for the whole page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.states import Audience
from common.text import in_reading_language
from instruments.states import BookedWhere, Door

MOST_OPTIONS = 20
# facet, value, names, name of the group, whether that is checked, count
COUNTED = """(SELECT '{facet}', {value}, {names}, {group}, count(*) FROM found {source}
WHERE {where} GROUP BY 2, 3, 4, 5, 6, 7 ORDER BY count(*) DESC, 2 LIMIT {most})"""
NO_NAMES, NO_GROUP = "''::text, ''::text", "''::text, ''::text, true"


@dataclass(frozen=True)
class Source:
    """Where the values of a facet stand: an expression, what is joined for it, and what it is called."""

    value: str
    source: str = ""
    names: str = NO_NAMES
    group: str = NO_GROUP
    only: str = "true"


SOURCES = {
    "total": Source("''"),
    "category": Source(
        "category.scheme || ':' || category.code",
        source="JOIN instruments_category AS category ON category.id = found.category_id "
        "JOIN instruments_categoryscheme AS scheme ON scheme.slug = category.scheme",
        names="category.code || ' ' || category.name_zh, category.code || ' ' || category.name_en",
        group="scheme.name_zh, scheme.name_en, scheme.is_checked",
    ),
    "organisation": Source(
        "organisation.id::text",
        source="JOIN accounts_organisation AS organisation ON organisation.id = found.of_organisation",
        names="organisation.name_zh, organisation.name_en",
    ),
    "technique": Source("technique", source="CROSS JOIN unnest(found.techniques) AS technique"),
    "door": Source(
        "door.name",
        source="CROSS JOIN LATERAL (VALUES ('book', found.booked_where <> 'enquiry'), "
        "('samples', found.takes_samples)) AS door (name, is_open)",
        only="door.is_open",
    ),
    "sharing": Source("audience", source="CROSS JOIN unnest(found.sharing) AS audience"),
    "booked_where": Source("found.booked_where"),
    "youth": Source("CASE WHEN found.fit_for_youth THEN 'true' ELSE 'false' END"),
}
LABELS: dict[str, str | Promise] = {
    "category": gettext_lazy("Category"),
    "organisation": gettext_lazy("Organisation"),
    "technique": gettext_lazy("Technique"),
    "door": gettext_lazy("Door"),
    "sharing": gettext_lazy("Open to"),
    "booked_where": gettext_lazy("Booked where"),
    "youth": gettext_lazy("Fit for young people"),
}
OF_INSTRUMENTS = ["door", "category", "organisation", "technique", "sharing", "booked_where", "youth"]
OF_ITEMS = ["organisation", "technique"]
COLUMNS_OF_INSTRUMENTS = ["category_id", "techniques", "sharing", "fit_for_youth", "booked_where", "takes_samples"]
CHOICES: dict[str, Callable[[str], str]] = {
    "door": lambda value: str(Door(value).label),
    "sharing": lambda value: str(Audience(value).label),
    "booked_where": lambda value: str(BookedWhere(value).label),
    "youth": lambda value: _("yes") if value == "true" else _("no"),
}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int
    group: str = ""


@dataclass
class Facet:
    """A filter with what could be chosen of it, and how many records that would leave."""

    name: str
    label: str
    options: list[Option] = field(default_factory=list)


@dataclass(frozen=True)
class Facets:
    total: int
    facets: list[Facet]

    def label_of(self, name: str, value: str) -> str:
        """What a chosen value is called; the value itself where nothing is left of it."""
        options = next((facet.options for facet in self.facets if facet.name == name), [])
        return next((option.label for option in options if option.value == value), value)


def count_instruments(instruments: QuerySet[Any], conditions: Mapping[str, Q]) -> Facets:
    """Facets of instruments that a query found; `conditions` are the filters chosen, by name.

    Each facet counts with the other filters applied and without its own.
    """
    found = instruments.annotate(of_organisation=F("organisation_id"))
    return _counted(found, OF_INSTRUMENTS, COLUMNS_OF_INSTRUMENTS, conditions)


def count_items(items: QuerySet[Any], conditions: Mapping[str, Q]) -> Facets:
    """The same for test items."""
    found = items.annotate(of_organisation=F("facility__organisation_id"))
    return _counted(found, OF_ITEMS, ["techniques"], conditions)


def _counted(found: QuerySet[Any], names: list[str], columns: list[str], conditions: Mapping[str, Q]) -> Facets:
    fits = {f"fits_{name}": ExpressionWrapper(fit, output_field=BooleanField()) for name, fit in conditions.items()}
    narrow = found.order_by().annotate(**fits).values("of_organisation", *columns, *fits)
    base, parameters = narrow.query.sql_with_params()
    parts = [_part(name, [f"found.fits_{each}" for each in conditions if each != name]) for name in ["total", *names]]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH found AS MATERIALIZED ({base}) {' UNION ALL '.join(parts)}", parameters)
        rows = cursor.fetchall()
    facets = {name: Facet(name, str(LABELS[name])) for name in names}
    for name, value, zh, en, group_zh, group_en, checked, count in rows:
        if name != "total" and value:
            label = CHOICES[name](value) if name in CHOICES else in_reading_language(zh, en) or value
            group = in_reading_language(group_zh, group_en)
            group = group if checked else _("%(scheme)s (unchecked)") % {"scheme": group}
            facets[name].options.append(Option(value, label, count, group))
    for facet in facets.values():
        facet.options.sort(key=lambda option: (option.group, -option.count, option.label))
    total = sum(row[-1] for row in rows if row[0] == "total")
    return Facets(total, [facet for facet in facets.values() if facet.options])


def _part(name: str, others: list[str]) -> str:
    source = SOURCES[name]
    where = " AND ".join([source.only, *others])
    return COUNTED.format(
        facet=name,
        value=source.value,
        names=source.names,
        group=source.group,
        source=source.source,
        where=where,
        most=MOST_OPTIONS,
    )
