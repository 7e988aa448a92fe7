"""Bookings as a calendar file (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from bookings.states import State

GONE = {State.CANCELLED, State.DECLINED, State.EXPIRED, State.NO_SHOW}
UNSURE = {State.DRAFT, State.REQUESTED, State.NEEDS_INFO}


def tag_of(bookings: Iterable[Any]) -> str:
    """The ETag of a calendar: it changes exactly when a booking in it comes, goes or gets another version."""
    state = " ".join(f"{each.pk}:{each.version}" for each in bookings)
    return f'"{hashlib.sha256(state.encode()).hexdigest()[:32]}"'


def calendar_file(bookings: Iterable[Any], *, name: str, site: str) -> bytes:
    """A calendar with one event for each booking: a UID that never changes, SEQUENCE is the booking's version."""
    calendar = Calendar()
    calendar.add("prodid", "-//Jishi//bookings//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT15M")
    for booking in bookings:
        calendar.add_component(_event(booking, site=site))
    return calendar.to_ical()


def _event(booking: Any, *, site: str) -> Event:
    event = Event()
    instrument = booking.instrument
    event.add("uid", f"{booking.pk}@jishi")
    event.add("sequence", booking.version)
    event.add("dtstamp", booking.updated_at)
    event.add("last-modified", booking.updated_at)
    event.add("dtstart", booking.starts_at)
    event.add("dtend", booking.ends_at)
    event.add("summary", " · ".join(part for part in (str(instrument.name), booking.title, booking.user.name) if part))
    place = (instrument.facility.name, instrument.facility.building, instrument.room or instrument.facility.room)
    event.add("location", " ".join(str(part) for part in place if part))
    event.add("description", _("State: %(state)s") % {"state": booking.get_state_display()})
    event.add("url", site.rstrip("/") + booking.get_absolute_url())
    status = "CANCELLED" if booking.state in GONE else "TENTATIVE" if booking.state in UNSURE else "CONFIRMED"
    event.add("status", status)
    return event
