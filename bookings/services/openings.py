"""What is free in the whole city: what, when, how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from bookings.availability import nearest_starts, on_grid, on_grid_within
from bookings.models import Claim
from bookings.querysets import bounds_of
from bookings.rules import Terms
from bookings.services.gather import days_around, midnight, with_hours_between, with_their_terms
from bookings.services.look import bookable_within, free_within
from common.asked import Asked
from common.db import JSONRows
from common.interval import Interval
from instruments.models import Instrument
from instruments.querysets import InstrumentQuerySet
from instruments.states import TAKES_BOOKINGS, BookedWhere

LENGTHS_TO_FIND = [30, 60, 90, 120, 180, 240, 480]  # minutes; what a finder may ask for
NEAR = timedelta(minutes=20)
A_QUARTER_SHORTER = 0.75
AT_MOST = 50
AT_FIRST = 60  # looked at; where too few of them are open, the next hundred and forty
DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
NEVER_YET = Value(datetime.min.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Opening:
    """A free time on an instrument, and how it differs from what was asked for.

    `how` is exact, shifted (by at most 20 minutes), shorter (by at most a quarter), or next_day.
    """

    instrument: Instrument
    interval: Interval
    how: str

    def differs_by(self, wanted: Interval) -> tuple[int, timedelta, int]:
        order = ["exact", "shifted", "shorter", "next_day"]
        return order.index(self.how), abs(self.interval.start - wanted.start), self.instrument.pk


def openings(
    instruments: InstrumentQuerySet, *, window: Interval, length: timedelta, now: datetime
) -> tuple[list[Opening], list[Opening]]:
    """(what fits, near misses when nothing does): free times of `length` within `window`, the nearest first.

    A fixed number of statements for any number of instruments: those that are free right at the window's start are
    found by one look at the claim before and the claim after; the others only when these are too few.
    """
    look = Look(instruments, now=now)
    wanted = Interval(window.start, window.start + length)
    if wanted.end <= window.end:
        at_once = list(islice(look.free_at(wanted), AT_MOST))
        if len(at_once) == AT_MOST:
            return at_once, []
    fitting = list(_fitting(look, window, length))
    if fitting:
        return _ranked(fitting, window), []
    wider = Interval(window.start - NEAR, window.end + DAY + NEAR)
    looked_at = ((each, terms, list(free)) for each, terms, free in look.free_within(wider))
    near = [miss for each, terms, free in looked_at for miss in _misses(each, terms, free, window, length)]
    return [], _ranked(near, window)


def _ranked(found: Iterable[Opening], window: Interval) -> list[Opening]:
    return sorted(found, key=lambda each: each.differs_by(window))[:AT_MOST]


def _bookable(among: Any, first: str, last: str) -> InstrumentQuerySet:
    here = Instrument.objects.filter(pk__in=among, status__in=TAKES_BOOKINGS, booked_where=BookedWhere.HERE)
    return with_hours_between(here, first, last, now=midnight()).order_by("pk")


def _not_held(
    count: int, among: Any, after: int, start: datetime, end: datetime, first: str, last: str
) -> InstrumentQuerySet:
    """Those that nobody holds from `start` to `end`, `count` of them after one, and when they are held next."""
    # Claims never overlap, so the last one that starts before the end and the first one after it say everything.
    claims = Claim.objects.filter(instrument=OuterRef("pk"), unit=1)
    until = claims.filter(starts_at__lt=end).order_by("-starts_at").values("ends_at")[:1]
    again = claims.filter(starts_at__gte=end).order_by("starts_at").values("starts_at")[:1]
    rows = _bookable(among, first, last).filter(pk__gt=after)
    free = rows.annotate(held_until=Coalesce(Subquery(until), NEVER_YET), held_from=Subquery(again))
    return free.filter(held_until__lte=start)[:count]


def _held(among: Any, earliest: datetime, start: datetime, end: datetime, first: str, last: str) -> InstrumentQuerySet:
    """Each with the claims on it; they come along by the btree on their start."""
    claims = Claim.objects.filter(instrument=OuterRef("pk"), unit=1).between(earliest, start, end)
    rows = JSONRows(claims.values(row=JSONObject(start="starts_at", end="ends_at")))
    return _bookable(among, first, last).annotate(held=rows)


# By how many are looked at: where too few of the first are open, more of them.
_NOT_HELD: list[Asked[Instrument]] = [Asked(partial(_not_held, count)) for count in (AT_FIRST, AT_MOST * 4 - AT_FIRST)]
_HELD: Asked[Instrument] = Asked(_held)


class Look:
    """A look over many instruments at one moment."""

    def __init__(self, instruments: InstrumentQuerySet, *, now: datetime) -> None:
        self.instruments: Any = instruments.order_by().values("pk")
        self.now, self.day = now, timezone.localdate(now)

    def free_at(self, wanted: Interval) -> Iterator[Opening]:
        """Who is open and free for exactly this time, buffers included."""
        after, when = 0, {"start": wanted.start, "end": wanted.end, **days_around(wanted)}
        for question in _NOT_HELD:
            for each, terms in with_their_terms(question.of(self.instruments, day=self.day, after=after, **when)):
                after, held = each.pk, terms.held_for(wanted)
                apart = each.held_until <= held.start and (each.held_from or held.end) >= held.end
                if apart and _is_open(terms, wanted, now=self.now):
                    yield Opening(each, wanted, "exact")

    def held_within(self, window: Interval) -> Iterator[tuple[Instrument, Terms, list[Interval]]]:
        """Each instrument with what is held on it."""
        around = window.widened(before=DAY / 2, after=DAY / 2)
        rows = _HELD.of(self.instruments, day=self.day, **bounds_of(around), **days_around(around))
        for each, terms in with_their_terms(rows):
            if not terms.staff_only:
                taken = [
                    Interval(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"]))
                    for row in each.held
                ]
                yield each, terms, taken

    def free_within(self, window: Interval) -> Iterator[tuple[Instrument, Terms, Iterator[Interval]]]:
        """Each instrument with what is free on it, in order."""
        for each, terms, taken in self.held_within(window):
            yield each, terms, free_within(terms, window, taken, now=self.now)


@dataclass(frozen=True)
class FirstFree:
    """The first stretch of time that is free for a booking, and whether one can sit down at once."""

    instrument: Instrument
    interval: Interval
    is_now: bool


def first_free(instruments: InstrumentQuerySet, *, now: datetime, within: timedelta = A_WEEK) -> list[FirstFree]:
    """Each bookable instrument with the first time that is free on it, the soonest first; one statement.

    A stretch counts from the instrument's shortest booking on. It is free now when a booking could begin within one
    step of its grid.
    """
    window = Interval(now, now + within)
    found = [
        FirstFree(each, first, is_now=first.start <= now + terms.step)
        for each, terms, taken in Look(instruments, now=now).held_within(window)
        for first in islice(bookable_within(terms, window, taken, now=now), 1)
    ]
    return sorted(found, key=lambda each: (each.interval.start, -each.interval.length, each.instrument.pk))


def each_with_first_free(shown: list[Instrument], *, now: datetime) -> list[tuple[Instrument, FirstFree | None]]:
    """The instruments of a list, in its order, each with when it is free first; one statement, or none."""
    asked = Instrument.objects.filter(pk__in=[each.pk for each in shown])
    free = {each.instrument.pk: each for each in first_free(asked, now=now)} if shown else {}
    return [(each, free.get(each.pk)) for each in shown]


def _is_open(terms: Terms, wanted: Interval, *, now: datetime) -> bool:
    """Whether the rules of time allow it: the grid, the lengths, the notice, the horizon, the hours."""
    if terms.staff_only or not terms.shortest <= wanted.length <= terms.longest:
        return False
    if not now + terms.lead <= wanted.start <= now + terms.horizon:
        return False
    ends = (wanted.start, wanted.end)
    return all(on_grid(each, step=terms.step, zone=terms.zone) for each in ends) and (
        terms.timetable.open_within(wanted) == [wanted]
    )


def _fitting(look: Look, window: Interval, length: timedelta) -> Iterator[Opening]:
    wanted = Interval(window.start, window.start + length)
    for each, terms, free in look.free_within(window):
        if terms.shortest <= length <= terms.longest:
            for gap in free:  # all of it lies after the start, so what comes first is nearest to it
                if found := nearest_starts([gap], wanted, step=terms.step, zone=terms.zone, count=1):
                    yield Opening(each, found[0], "exact")
                    break


def _misses(
    each: Instrument, terms: Terms, free: list[Interval], window: Interval, length: timedelta
) -> Iterator[Opening]:
    """The nearest miss of one instrument: a little earlier or later, a little shorter, or the next day."""
    wanted = Interval(window.start, window.start + length)
    as_long = terms.shortest <= length <= terms.longest
    near = nearest_starts(free, wanted, step=terms.step, zone=terms.zone, count=1) if as_long else []
    outside = max((max(window.start - found.start, found.end - window.end) for found in near), default=DAY)
    if near and outside <= NEAR:
        yield Opening(each, near[0], "shifted")
        return
    parts = [part for gap in free if (part := gap.common_with(window))]
    gaps = [gap for part in parts if (gap := on_grid_within(part, step=terms.step, zone=terms.zone))]
    best = max(gaps, key=lambda gap: gap.length, default=None)
    if best and best.length >= max(length * A_QUARTER_SHORTER, terms.shortest):
        yield Opening(
            each, Interval(best.start, min(best.end, best.start + terms.longest, best.start + length)), "shorter"
        )
    elif near:
        yield Opening(each, near[0], "next_day")
