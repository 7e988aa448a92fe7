"""What is free in the whole city: what, when, how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from bookings.availability import nearest_starts, on_grid_within
from bookings.models import Claim
from bookings.rules import Terms
from bookings.services.gather import terms_of, with_terms
from bookings.services.look import free_within
from common.interval import Interval
from instruments.models import Instrument
from instruments.querysets import InstrumentQuerySet
from instruments.states import TAKES_BOOKINGS, BookedWhere

NEAR = timedelta(minutes=20)
A_QUARTER_SHORTER = 0.75
AT_MOST = 50
DAY = timedelta(days=1)


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

    One statement for any number of instruments; a second one when only near misses are left.
    """
    fitting = list(_fitting(instruments, window, length, now=now))
    if fitting:
        return _ranked(fitting, window), []
    wider = Interval(window.start - NEAR, window.end + DAY + NEAR)
    near = [
        miss
        for each, terms, free in _free(instruments, wider, now=now)
        for miss in _misses(each, terms, free, window, length)
    ]
    return [], _ranked(near, window)


def _ranked(found: Iterable[Opening], window: Interval) -> list[Opening]:
    return sorted(found, key=lambda each: each.differs_by(window))[:AT_MOST]


def _free(
    instruments: InstrumentQuerySet, window: Interval, *, now: datetime
) -> Iterator[tuple[Instrument, Terms, list[Interval]]]:
    """Each instrument that is booked here with what is free on it; claims come along by the btree on their start."""
    around = window.widened(before=DAY / 2, after=DAY / 2)
    held = Claim.objects.filter(instrument=OuterRef("pk"), unit=1, ends_at__gt=around.start)
    # No claim is longer than 31 days: this keeps the scan on the index short.
    held = held.filter(starts_at__gte=around.start - timedelta(days=31), starts_at__lt=around.end)
    bookable = instruments.filter(status__in=TAKES_BOOKINGS, booked_where=BookedWhere.HERE)
    rows: Any = with_terms(bookable, now=now).annotate(
        held=ArraySubquery(held.values(row=JSONObject(start="starts_at", end="ends_at")))
    )
    for each in rows:
        terms = terms_of(each)
        if terms.staff_only:
            continue
        taken = [
            Interval(datetime.fromisoformat(row["start"]), datetime.fromisoformat(row["end"])) for row in each.held
        ]
        yield each, terms, free_within(terms, window, taken, now=now)


def _fitting(
    instruments: InstrumentQuerySet, window: Interval, length: timedelta, *, now: datetime
) -> Iterator[Opening]:
    for each, terms, free in _free(instruments, window, now=now):
        if not terms.shortest <= length <= terms.longest:
            continue
        wanted = Interval(window.start, window.start + length)
        for found in nearest_starts(free, wanted, step=terms.step, zone=terms.zone, count=1):
            yield Opening(each, found, "exact")


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
