"""Who changed what, when, from what to what: read from the rows that the database's triggers keep."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from django.db.models import Q
from pghistory.models import Context

from accounts.models import User
from bookings.models import Booking, BookingEvent, ClosureEvent, OpeningHoursEvent, PolicyEvent
from instruments.models import Instrument, InstrumentEvent

AT_MOST = 200
SAID_ALREADY = {"version", "updated_at", "created_at", "id", "search_document"}


@dataclass(frozen=True)
class Change:
    """One line of a history: `values` are (name, before, after); before is None where a row was new."""

    at: datetime
    by: str
    what: str
    values: list[tuple[str, Any, Any]]


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
    people = _people(events)
    before: dict[tuple[type, Any], dict[str, Any]] = {}
    found = []
    for event in sorted(events, key=lambda each: each.pgh_id):
        row = {f.name: getattr(event, f.attname) for f in event._meta.concrete_fields if not f.name.startswith("pgh_")}
        key = (type(event), event.pgh_obj_id)
        old = before.get(key, {})
        values = [
            (event._meta.get_field(name).verbose_name, old.get(name), value)
            for name, value in row.items()
            if name not in SAID_ALREADY and (value != old.get(name) if old else value not in (None, "", [], False))
        ]
        before[key] = row
        who = people.get(event.pgh_context_id, "")
        found.append(Change(event.pgh_created_at, who, str(event.pgh_tracked_model._meta.verbose_name), values))
    return sorted(found, key=lambda each: each.at, reverse=True)[:AT_MOST]


def _people(events: Iterable[Any]) -> dict[Any, str]:
    """Who did it, by the id of the context that the request left in the history."""
    contexts = Context.objects.filter(pk__in={each.pgh_context_id for each in events if each.pgh_context_id})
    users = {each.pk: (each.metadata or {}).get("user") for each in contexts}
    names = {
        str(pk): name for pk, name in User.objects.filter(pk__in=filter(None, users.values())).values_list("pk", "name")
    }
    return {context: names.get(str(user), "") for context, user in users.items()}
