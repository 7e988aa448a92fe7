"""When an instrument is free next: for the mark beside its name and the buttons that book it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bookings.rules import Terms
from bookings.services.look import bookable_within, held_on
from bookings.services.openings import FirstFree
from common.interval import Interval
from instruments.models import Instrument

LOOKED_AHEAD = timedelta(days=14)
A_DAY, IN_THE_MORNING = timedelta(days=1), time(9)
NEAREST, IN_A_DAY = 5, 2


@dataclass(frozen=True)
class Soon:
    """The first free stretch, and the nearest times that one would book: as long as usual, or as there is room."""

    first: FirstFree | None
    nearest: list[Interval]


def soon_free(instrument: Instrument, terms: Terms, *, now: datetime, length: timedelta | None = None) -> Soon:
    """What is free in the two weeks to come, at most two beginnings a day; one statement.

    `length` is how long somebody wants it, if they have said so: where there is less room it becomes shorter.
    """
    window = Interval(now, now + LOOKED_AHEAD)
    gaps = list(bookable_within(terms, window, held_on(instrument, terms.held_for(window)), now=now))
    first = FirstFree(instrument, gaps[0], is_now=gaps[0].start <= now + terms.step) if gaps else None
    found: list[Interval] = []
    for each in (each for gap in gaps for each in _beginnings(gap, terms, length or terms.usual)):
        day = each.start.astimezone(terms.zone).date()
        if sum(other.start.astimezone(terms.zone).date() == day for other in found) < IN_A_DAY:
            found.append(each)
    return Soon(first, found[:NEAREST])


def as_long_as_free(wanted: Interval, *, instrument: Instrument, terms: Terms, now: datetime) -> Interval:
    """A wanted time, cut where it stops being free; all of it, where no booking could begin with it. One statement."""
    free = bookable_within(terms, wanted, held_on(instrument, terms.held_for(wanted)), now=now)
    return next((each for each in free if each.start == wanted.start), wanted)


def _beginnings(gap: Interval, terms: Terms, length: timedelta) -> Iterator[Interval]:
    """What one would book of a gap: at its start, and where it lasts for days, each morning."""
    yield Interval(gap.start, min(gap.start + length, gap.end))
    morning = datetime.combine(gap.start.astimezone(terms.zone).date() + A_DAY, IN_THE_MORNING, terms.zone)
    while morning + length <= gap.end:
        yield Interval(morning.astimezone(UTC), morning + length)
        morning += A_DAY
