"""Who changed what, when, from what to what: read from the rows that the database's triggers keep."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pghistory.models import Context

from accounts.models import User
from common.text import in_reading_language
from common.words import day, moment
from instruments.models import (
    AccreditationEvent,
    BusyFeedEvent,
    DocumentEvent,
    Facility,
    FacilityEvent,
    Instrument,
    InstrumentEvent,
    PhotoEvent,
    SpecificationEvent,
    TestItem,
    TestItemEvent,
    UsedInstrumentEvent,
)

AT_MOST = 200
UNSAID = {
    "id",
    "version",
    "created_at",
    "updated_at",
    "position",
    "confirmed_by",
    "slug",
    "test_item",
    "testitem",
    "file",
    "added_at",
}
NAMES = {
    "facility": gettext_lazy("laboratory"),
    "organisation": gettext_lazy("institution"),
    "instrument": gettext_lazy("instrument"),
    "questions": gettext_lazy("questions"),
    "merged_into": gettext_lazy("merged into"),
}
Named = Mapping[tuple[type[Model], str], str]


@dataclass(frozen=True)
class Change:
    """One line of a history: `values` are (name, before, after), in words; before is empty where a row was new."""

    at: datetime
    by: str
    what: str
    values: list[tuple[str, str, str]]
    version: int = field(default=0, compare=False)


def history_of(record: Instrument | TestItem | Facility) -> list[Change]:
    """What a record and its rows said, the newest first."""
    own = {"instrument"} if isinstance(record, Instrument) else set()
    return changes_in(_events_of(record), unsaid=UNSAID | own, names=NAMES)


def changes_since(record: Instrument | TestItem, version: int) -> list[Change]:
    """What was changed in the record itself after it stood at `version`, the newest first."""
    first = _events_of(record)[0]
    return [each for each in changes_in([first], unsaid=UNSAID, names=NAMES) if each.version > version]


def _events_of(record: Instrument | TestItem | Facility) -> list[QuerySet[Any]]:
    own: type[Any]
    rows: dict[type[Any], dict[str, Any]]
    if isinstance(record, Instrument):
        of_it = {"instrument_id": record.pk}
        own, rows = (
            InstrumentEvent,
            dict.fromkeys([SpecificationEvent, PhotoEvent, DocumentEvent, BusyFeedEvent], of_it),
        )
    elif isinstance(record, TestItem):
        own, of_it = TestItemEvent, {"test_item_id": record.pk}
        rows = {AccreditationEvent: of_it, DocumentEvent: of_it, UsedInstrumentEvent: {"testitem_id": record.pk}}
    else:
        own, rows = FacilityEvent, {}
    return [
        own.objects.filter(pgh_obj_id=record.pk),
        *(each.objects.filter(**of_record) for each, of_record in rows.items()),
    ]


def changes_in(
    sources: Iterable[Any], *, unsaid: Collection[str], names: Mapping[str, Any] | None = None
) -> list[Change]:
    """The changes in these histories, the newest first, at most AT_MOST; in a fixed number of statements.

    `unsaid` are fields that no reader wants, `names` what fields are called where their own name does not say it.
    """
    events = list(chain.from_iterable(each.order_by("-pgh_id")[:AT_MOST] for each in sources))
    events.sort(key=lambda each: (each.pgh_created_at, each.pgh_id))
    doers = _doers(events)
    rows = [_row(event, unsaid) for event in events]
    named = _names(events, rows, doers.values())
    before: dict[tuple[type, Any], dict[str, Any]] = {}
    found = []
    for event, row in zip(events, rows, strict=True):
        key = (type(event), event.pgh_obj_id)
        gone = event.pgh_label == "delete"
        old = row if gone else before.get(key, {})
        new = {} if gone else row
        before[key] = new
        values = [
            (
                _name_of(event, name, names or {}),
                _shown(event, name, old.get(name), named),
                _shown(event, name, new.get(name), named),
            )
            for name in row
            if (row[name] or not gone)
            and (old.get(name) != new.get(name) if old else row[name] not in (None, "", [], False))
        ]
        who = named.get((User, str(doers.get(event.pgh_context_id))), "")
        what = str(event.pgh_tracked_model._meta.verbose_name)
        found.append(Change(event.pgh_created_at, who, what, values, getattr(event, "version", 0)))
    return found[::-1][:AT_MOST]


def _row(event: Any, unsaid: Collection[str]) -> dict[str, Any]:
    """What the row said then, by field."""
    fields = (each for each in event._meta.concrete_fields if not each.name.startswith("pgh_"))
    return {each.name: getattr(event, each.attname) for each in fields if each.name not in unsaid}


def _name_of(event: Any, name: str, names: Mapping[str, Any]) -> str:
    said = str(names.get(name) or event._meta.get_field(name).verbose_name)
    return said[:1].upper() + said[1:]


def _shown(event: Any, name: str, value: Any, named: Named) -> str:
    """A value as a person reads it: people and places by name, choices by label, times in the portal's zone."""
    if value is None or value == "":
        return ""
    column = event._meta.get_field(name)
    if column.related_model:
        return named.get((column.related_model, str(value)), str(value))
    if isinstance(value, date):  # a datetime is one, too
        return moment(timezone.localtime(value)) if isinstance(value, datetime) else day(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        labels = dict(getattr(getattr(column, "base_field", None), "flatchoices", ()) or ())
        return ", ".join(_in_words(each, labels) for each in value)
    labels = dict(column.flatchoices or ())
    return str(labels.get(value, value))


def _in_words(value: Any, labels: Mapping[Any, Any]) -> str:
    """One of a list: a word, a question with what it says, or an answer."""
    if not isinstance(value, dict):
        return str(labels.get(value, value))
    pairs = [(value.get(f"{part}_zh") or "", value.get(f"{part}_en") or "") for part in ("label", "answer", "help")]
    said = [in_reading_language(*pair) for pair in pairs if any(pair)]
    return ": ".join(said) or str(value)


def _doers(events: Iterable[Any]) -> dict[Any, Any]:
    """Who did it, by the context that the request left in the history."""
    found = Context.objects.filter(pk__in={each.pgh_context_id for each in events if each.pgh_context_id})
    return {each.pk: (each.metadata or {}).get("user") for each in found}


def _names(events: list[Any], rows: list[dict[str, Any]], doers: Iterable[Any]) -> dict[tuple[type[Model], str], str]:
    """What the people and things that these rows point to are called, in one statement for each kind of thing."""
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    wanted[User] = {UUID(each) for each in doers if each}
    for event, row in zip(events, rows, strict=True):
        for name, value in row.items():
            model = event._meta.get_field(name).related_model
            if model and value is not None:
                wanted[model].add(value)
    found: dict[tuple[type[Model], str], str] = {}
    for model, ids in wanted.items():
        for each in model._default_manager.filter(pk__in=ids) if ids else []:
            found[model, str(each.pk)] = str(getattr(each, "name", None) or each)
    return found
