"""The way of a booking: what was, what is now, what comes next, as a person would tell it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bookings.states import State
from common.words import in_zone, moment

if TYPE_CHECKING:
    from bookings.models import Booking


@dataclass(frozen=True)
class Step:
    """One step: `how` is done, now, next or stopped; `said` tells when it was or will be."""

    word: str
    how: str
    said: str = ""


Clock = Callable[[str, "datetime | None"], str]
ENDS: dict[str, Callable[[], str]] = {
    State.CANCELLED: lambda: pgettext("stage", "Cancelled"),
    State.EXPIRED: lambda: _("Expired"),
    State.NO_SHOW: lambda: _("Nobody came"),
}


def way_of(booking: Booking) -> list[Step]:
    """The steps of a booking from the wish to the end, in order; times by the facility's clock."""
    zone = booking.instrument.facility.time_zone

    def clock(pattern: str, at: datetime | None) -> str:
        return pattern % {"when": moment(in_zone(at, zone))} if at else ""

    if booking.never_sent:
        return _never_sent(booking, clock)
    return [*_wish(booking, clock), *_decision(booking, clock), *_use(booking, clock)]


def _never_sent(booking: Booking, clock: Clock) -> list[Step]:
    """Of a draft: the laboratory never saw it."""
    word = _("Dropped") if booking.state == State.CANCELLED else _("Ran out")
    said = clock("%(when)s", booking.cancelled_at or booking.updated_at)
    return [Step(_("Held for you"), "done", clock("%(when)s", booking.created_at)), Step(word, "stopped", said)]


def _wish(booking: Booking, clock: Clock) -> Iterator[Step]:
    if booking.state == State.DRAFT:
        yield Step(
            _("Held for you"), "now", clock(_("until %(when)s: fill in the rest and send it"), booking.expires_at)
        )
    else:
        yield Step(_("Asked for"), "done", clock("%(when)s", booking.created_at))


def _decision(booking: Booking, clock: Clock) -> Iterator[Step]:
    state = booking.state
    if state == State.DRAFT:
        yield Step(_("The laboratory decides"), "next")
    elif state == State.REQUESTED:
        yield Step(_("The laboratory decides"), "now", clock(_("by %(when)s"), booking.expires_at))
    elif state == State.NEEDS_INFO:
        yield Step(_("Your answer"), "now", clock(_("by %(when)s"), booking.expires_at))
    elif state == State.DECLINED:
        yield Step(_("Declined"), "stopped", clock("%(when)s", booking.decided_at))
    elif booking.decided_at:
        yield Step(_("Confirmed"), "done", clock("%(when)s", booking.decided_at))


def _use(booking: Booking, clock: Clock) -> Iterator[Step]:
    state = booking.state
    if state == State.COMPLETED:
        yield Step(_("Used"), "done", clock("%(when)s", booking.starts_at))
        yield Step(_("Completed"), "done", clock("%(when)s", booking.ends_at))
    elif state == State.IN_USE:
        yield Step(_("In use"), "now", clock(_("until %(when)s"), booking.ends_at))
        yield Step(_("Completed"), "next")
    elif state in ENDS:
        yield Step(ENDS[state](), "stopped", clock("%(when)s", booking.cancelled_at or booking.updated_at))
    elif state != State.DECLINED:
        how = "now" if state == State.CONFIRMED else "next"
        yield Step(_("Use"), how, clock(_("from %(when)s"), booking.starts_at))
        yield Step(_("Completed"), "next")
