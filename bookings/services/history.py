"""Who changed what, when, from what to what: read from the rows that the database's triggers keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pghistory.models import Context

from accounts.models import User
from bookings.models import Booking, BookingEvent, ClosureEvent, OpeningHoursEvent, PolicyEvent
from common.words import moment
from instruments.models import Instrument, InstrumentEvent

AT_MOST = 200
# What is bookkeeping of ours, or said by the page itself.
UNSAID = {
    *("id", "version", "created_at", "updated_at", "search_document", "facility", "category", "research_group", "slug"),
    *("draft_slot", "held_for", "external_ref", "no_show_at", "made_by", "group"),
}
NAMES = {
    "instrument": _("Instrument"),
    "user": _("Requester"),
    "booked_by": _("booked by"),
    "starts_at": _("From"),
    "ends_at": _("To"),
    "state": _("state"),
    "status": _("state"),
    "purpose": _("Purpose"),
    "title": _("title"),
    "answers": _("answers"),
    "flexible_minutes": _("would do as well (min)"),
    "assisted": _("with an operator"),
    "operator": _("Operator"),
    "question": _("question"),
    "overruled": _("rules set aside"),
    "overruled_because": _("why rules were set aside"),
    "expires_at": _("Answer due"),
    "decided_by": _("decided by"),
    "decided_at": _("decided at"),
    "reason": _("Reason"),
    "cancelled_as": _("cancelled as"),
    "cancelled_at": _("cancelled at"),
    "weekday": _("weekday (0 is Monday)"),
    "opens_minute": _("opens (minutes after midnight)"),
    "closes_minute": _("closes (minutes after midnight)"),
    "kind": _("kind"),
    "questions": _("questions"),
    "keywords": _("keywords"),
    "techniques": _("techniques"),
    "sharing": _("open to"),
    "booked_where": _("Booked where"),
    "booked_url": _("address of the owner's site"),
}


@dataclass(frozen=True)
class Change:
    """One line of a history: `values` are (name, before, after), in words; before is empty where a row was new."""

    at: datetime
    by: str
    what: str
    values: list[tuple[str, str, str]]


def history_of_booking(booking: Booking) -> list[Change]:
    """The life of a booking, the newest first."""
    return _changes([BookingEvent.objects.filter(pgh_obj_id=booking.pk)])


def history_of_instrument(instrument: Instrument) -> list[Change]:
    """Its record, its rules, hours and closures and those of its facility, the newest first."""
    ours = Q(instrument_id=instrument.pk) | Q(facility_id=instrument.facility_id)
    return _changes(
        [
            InstrumentEvent.objects.filter(pgh_obj_id=instrument.pk),
            PolicyEvent.objects.filter(ours),
            OpeningHoursEvent.objects.filter(ours),
            ClosureEvent.objects.filter(ours),
        ]
    )


def _changes(sources: Iterable[Any]) -> list[Change]:
    events = list(chain.from_iterable(each.order_by("-pgh_id")[:AT_MOST] for each in sources))
    contexts = _contexts(events)
    names = _names([*contexts.values(), *(value for event in events for value in _row(event).values())])
    before: dict[tuple[type, Any], dict[str, Any]] = {}
    found = []
    for event in sorted(events, key=lambda each: each.pgh_id):
        row, key = _row(event), (type(event), event.pgh_obj_id)
        old = before.get(key)
        values = [
            (
                str(NAMES.get(name) or event._meta.get_field(name).verbose_name),
                _shown(event, name, (old or {}).get(name), names),
                after,
            )
            for name, value in row.items()
            if (value != old.get(name) if old else value not in (None, "", [], False))
            for after in [_shown(event, name, value, names)]
        ]
        before[key] = row
        who = names.get(str(contexts.get(event.pgh_context_id)), "")
        found.append(Change(event.pgh_created_at, who, str(event.pgh_tracked_model._meta.verbose_name), values))
    return sorted(found, key=lambda each: each.at, reverse=True)[:AT_MOST]


def _row(event: Any) -> dict[str, Any]:
    """What the row said then, by field."""
    fields = (each for each in event._meta.concrete_fields if not each.name.startswith("pgh_"))
    return {each.name: getattr(event, each.attname) for each in fields if each.name not in UNSAID}


def _shown(event: Any, name: str, value: Any, names: dict[str, str]) -> str:
    """A value as a person reads it: people by name, choices by label, times in the portal's zone."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return moment(timezone.localtime(value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, UUID):
        return names.get(str(value), str(value))
    if name == "instrument":
        return names.get(f"instrument {value}", str(value))
    labels = dict(event._meta.get_field(name).flatchoices or ())
    return str(labels.get(value, value)) if labels else str(value)


def _contexts(events: Iterable[Any]) -> dict[Any, Any]:
    """Who did it, by the context that the request left in the history."""
    found = Context.objects.filter(pk__in={each.pgh_context_id for each in events if each.pgh_context_id})
    return {each.pk: (each.metadata or {}).get("user") for each in found}


def _names(values: Iterable[Any]) -> dict[str, str]:
    """The names of the people and instruments among these ids, in two statements."""
    ids = {each for each in values if isinstance(each, UUID)} | {UUID(each) for each in values if _is_id(each)}
    people = {str(pk): name for pk, name in User.objects.filter(pk__in=ids).values_list("pk", "name")}
    numbers = {each for each in values if isinstance(each, int) and not isinstance(each, bool)}
    places = Instrument.objects.filter(pk__in=numbers)
    return {**people, **{f"instrument {each.pk}": str(each.name) for each in places}}


def _is_id(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 36 and bool(UUID(value))
    except ValueError:
        return False
