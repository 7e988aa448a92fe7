"""When an instrument is free next: for the pill beside its name and the buttons that book it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bookings.availability import on_grid_within
from bookings.rules import Terms
from bookings.services.look import free_within, held_on
from common.interval import Interval
from instruments.models import Instrument

LOOKED_AHEAD = timedelta(days=14)
A_DAY, IN_THE_MORNING = timedelta(days=1), time(9)
NEAREST, IN_A_DAY = 5, 2


@dataclass(frozen=True)
class Soon:
    """`free_until` when it is free at this moment; the nearest moments from which one may book."""

    free_until: datetime | None
    starts: list[datetime]


def soon_free(instrument: Instrument, terms: Terms, *, now: datetime) -> Soon:
    """The free time of the two weeks to come, at most two beginnings a day; one statement."""
    window = Interval(now, now + LOOKED_AHEAD)
    free = free_within(terms, window, held_on(instrument, terms.held_for(window)), now=now)
    on_grid = [on_grid_within(each, step=terms.step, zone=terms.zone) for each in free]
    gaps = [gap for gap in on_grid if gap and gap.length >= terms.shortest]
    free_until = gaps[0].end if gaps and gaps[0].start < free[0].end and free[0].start == now else None
    # Where a usual booking fits, an opportunity for a shorter one is passed by.
    gaps = [gap for gap in gaps if gap.length >= terms.usual] or gaps
    found: list[datetime] = []
    for start in (start for gap in gaps for start in _beginnings(gap, terms)):
        day = start.astimezone(terms.zone).date()
        if sum(each.astimezone(terms.zone).date() == day for each in found) < IN_A_DAY:
            found.append(start)
    return Soon(free_until, found[:NEAREST])


def _beginnings(gap: Interval, terms: Terms) -> Iterator[datetime]:
    """When one would begin in a gap: at its start, and where it lasts for days, each morning."""
    yield gap.start
    morning = datetime.combine(gap.start.astimezone(terms.zone).date() + A_DAY, IN_THE_MORNING, terms.zone)
    while morning + terms.usual <= gap.end:
        yield morning.astimezone(UTC)
        morning += A_DAY
