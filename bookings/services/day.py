"""A day of many instruments: for a timeline, for the laboratory's plan of the day, for a screen on its wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from bookings.availability import local_midnight
from bookings.calendar import Day
from bookings.models import Booking, Claim, UsageRecord
from bookings.rules import Terms
from bookings.services.blocks import Eyes, blocks_of
from bookings.services.gather import days_around, with_hours_between, with_their_terms
from bookings.services.look import bookable_within
from bookings.states import HOLDS_TIME, WAITS, Purpose, State
from common.interval import Interval, without
from instruments.models import Facility, Instrument
from instruments.querysets import InstrumentQuerySet
from instruments.states import TAKES_BOOKINGS, BookedWhere, Status

A_DAY = timedelta(days=1)
COMES = [*HOLDS_TIME - {State.DRAFT}, State.NO_SHOW]


@dataclass(frozen=True)
class Lane:
    """One instrument's day in its own zone; `terms` are those that bind nobody in particular."""

    instrument: Instrument
    terms: Terms
    day: Day

    @property
    def whole(self) -> Interval:
        return _whole(self.day.date, self.terms)


@dataclass(frozen=True)
class Entry:
    """Somebody's time on the board of a day, and how it stands now (a word of `standing_of`)."""

    booking: Booking
    standing: str


@dataclass(frozen=True)
class Place:
    """One instrument on the board: who comes when, who works there without a booking, and when it is free next.

    `is_closed` says that it opens no more on this day.
    """

    lane: Lane
    entries: list[Entry]
    walk_in: UsageRecord | None
    next_free: Interval | None
    is_closed: bool


def day_of_many(
    instruments: InstrumentQuerySet | Sequence[Instrument], *, day: date, seen_by: User | None, now: datetime
) -> list[Lane]:
    """The day of each instrument that comes from `for_a_day`, in the order given; three statements for any number.

    Names are there for whoever may open the booking, and for everybody signed in where the policy says so.
    """
    rows = with_their_terms(instruments)
    if not rows:
        return []
    window = Interval(
        min(_whole(day, terms).start for _each, terms in rows), max(_whole(day, terms).end for _each, terms in rows)
    )
    around = window.widened(before=A_DAY, after=A_DAY)  # for the buffers of a booking that begins at midnight
    claims = Claim.objects.filter(instrument__in=[each.pk for each, _terms in rows]).overlapping(around)
    held: dict[int, list[Claim]] = {}
    found = list(claims.select_related("booking__user", "change").order_by("starts_at"))
    for claim in found:
        held.setdefault(claim.instrument_id, []).append(claim)
    eyes = Eyes.on(found, of=seen_by, now=now, names=False)
    return [_lane(each, terms, day, held.get(each.pk, []), eyes) for each, terms in rows]


def for_a_day(instruments: InstrumentQuerySet, *, day: date, now: datetime) -> InstrumentQuerySet:
    """Those of them that are booked here, with what `day_of_many` must know, in the order of laboratory and name."""
    here = instruments.filter(booked_where=BookedWhere.HERE).exclude(status=Status.RETIRED)
    midnight = local_midnight(day, timezone.get_default_timezone())
    near = days_around(Interval(midnight, midnight + A_DAY))
    return with_hours_between(here, **near, now=now).order_by("facility__name_zh", "name_zh", "pk")


def _whole(day: date, terms: Terms) -> Interval:
    return Interval(local_midnight(day, terms.zone), local_midnight(day + A_DAY, terms.zone))


def _lane(instrument: Instrument, terms: Terms, day: date, claims: list[Claim], eyes: Eyes) -> Lane:
    whole = _whole(day, terms)
    opened = terms.timetable.open_within(whole)
    blocks = blocks_of(claims, whole, replace(eyes, names=terms.shows_names and eyes.of is not None))
    free = bookable_within(terms, whole, [claim.interval for claim in claims], now=eyes.now)
    bookable = instrument.status in TAKES_BOOKINGS and not terms.staff_only
    return Lane(instrument, terms, Day(day, opened, list(free) if bookable else [], blocks, without(whole, opened)))


def board_of(facility: Facility, *, day: date, seen_by: User | None, now: datetime) -> list[Place]:
    """The plan of a laboratory's day; five statements for any number of instruments and bookings."""
    ours = Instrument.objects.filter(facility=facility)
    lanes = day_of_many(for_a_day(ours, day=day, now=now), day=day, seen_by=seen_by, now=now)
    if not lanes:
        return []
    window = lanes[0].whole  # a facility has one zone
    comes = Booking.objects.filter(instrument__facility=facility, state__in=COMES)
    entries: dict[Any, list[Entry]] = {}
    overlapping = comes.filter(starts_at__lt=window.end, ends_at__gt=window.start)
    for each in overlapping.select_related("user", "operator", "instrument__facility", "group").order_by("starts_at"):
        entries.setdefault(each.instrument_id, []).append(Entry(each, standing_of(each, now=now)))
    running = UsageRecord.objects.running().filter(instrument__facility=facility, booking=None).select_related("user")
    walk_ins = {each.instrument_id: each for each in running} if window.start <= now < window.end else {}
    return [
        Place(
            lane,
            entries.get(pk, []),
            walk_ins.get(pk),
            next_free=next(iter(lane.day.free), None),
            is_closed=all(each.end <= now for each in lane.day.opened),
        )
        for lane in lanes
        for pk in [lane.instrument.pk]
    ]


def standing_of(booking: Booking, *, now: datetime) -> str:
    """How a booking stands at a moment of its day.

    maintenance, pending, over_time (in use beyond its end), in_use, late (should have checked in), now (its time runs,
    and nobody asks for check-in), done, no_show, comes.
    """
    if booking.purpose == Purpose.MAINTENANCE:
        return "maintenance"
    if booking.state in WAITS:
        return "pending"
    if booking.state == State.IN_USE:
        return "over_time" if booking.ends_at <= now else "in_use"
    if booking.state == State.CONFIRMED and booking.starts_at <= now:
        if booking.ends_at <= now:
            return "done"
        return "late" if booking.no_show_at else "now"
    return {State.COMPLETED: "done", State.NO_SHOW: "no_show"}.get(State(booking.state), "comes")
