"""A day of many instruments: for a timeline, for the laboratory's plan of the day, for a screen on its wall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import User
from bookings.availability import local_midnight, on_grid_within
from bookings.calendar import Block, Day
from bookings.models import Booking, Claim, UsageRecord
from bookings.rules import Terms
from bookings.services.gather import with_hours, with_their_terms
from bookings.services.look import free_within
from bookings.services.week import kind_of
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
    """One instrument on the board: who comes when, who works there without a booking, and when it is free next."""

    lane: Lane
    entries: list[Entry]
    walk_in: UsageRecord | None
    next_free: Interval | None


def day_of_many(
    instruments: InstrumentQuerySet | Sequence[Instrument], *, day: date, seen_by: User | None, now: datetime
) -> list[Lane]:
    """The day of each instrument that is booked here, in the order given; four statements for any number.

    Names are there for whoever may open the booking, and for everybody signed in where the policy says so.
    """
    rows = with_their_terms(instruments, now=now)
    if not rows:
        return []
    window = Interval(
        min(_whole(day, terms).start for _each, terms in rows), max(_whole(day, terms).end for _each, terms in rows)
    )
    around = window.widened(before=A_DAY, after=A_DAY)  # for the buffers of a booking that begins at midnight
    claims = Claim.objects.filter(instrument__in=[each.pk for each, _terms in rows]).overlapping(around)
    visible: set[UUID] = set()
    if seen_by is not None:
        visible = set(Booking.objects.visible_to(seen_by).filter(claims__in=claims).values_list("pk", flat=True))
    held: dict[int, list[Claim]] = {}
    for claim in claims.select_related("booking__user").order_by("starts_at"):
        held.setdefault(claim.instrument_id, []).append(claim)
    return [_lane(each, terms, day, held.get(each.pk, []), seen_by, visible, now=now) for each, terms in rows]


def for_a_day(instruments: InstrumentQuerySet, *, now: datetime) -> InstrumentQuerySet:
    """Those of them that are booked here, with what `day_of_many` must know, in the order of laboratory and name."""
    here = instruments.filter(booked_where=BookedWhere.HERE).exclude(status=Status.RETIRED)
    return with_hours(here, now=now).order_by("facility__name_zh", "name_zh", "pk")


def _whole(day: date, terms: Terms) -> Interval:
    return Interval(local_midnight(day, terms.zone), local_midnight(day + A_DAY, terms.zone))


def _lane(
    instrument: Instrument,
    terms: Terms,
    day: date,
    claims: list[Claim],
    seen_by: User | None,
    visible: set[UUID],
    *,
    now: datetime,
) -> Lane:
    whole = _whole(day, terms)
    names = terms.shows_names and seen_by is not None
    blocks = [
        Block(
            part,
            kind,
            claim.booking if claim.booking_id in visible else None,
            _name(claim, visible, names=names) if kind != "buffer" else "",
        )
        for claim in claims
        for kind, stretch in _parts(claim, seen_by)
        if (part := stretch.common_with(whole))
    ]
    opened = terms.timetable.open_within(whole)
    free, closed = _free(instrument, terms, whole, claims, now=now), without(whole, opened)
    return Lane(instrument, terms, Day(day, opened, free, blocks, closed))


def _free(
    instrument: Instrument, terms: Terms, whole: Interval, claims: list[Claim], *, now: datetime
) -> list[Interval]:
    """What somebody could book of the day, on the grid and long enough."""
    if instrument.status not in TAKES_BOOKINGS or terms.staff_only:
        return []
    gaps = free_within(terms, whole, [claim.interval for claim in claims], now=now)
    on_grid = [on_grid_within(gap, step=terms.step, zone=terms.zone) for gap in gaps]
    return [gap for gap in on_grid if gap and gap.length >= terms.shortest]


def _parts(claim: Claim, seen_by: User | None) -> list[tuple[str, Interval]]:
    """A claim as the booked time and the buffers around it; what holds another time for a change is pending."""
    booking, held = claim.booking, claim.interval
    state = State.REQUESTED if claim.change_id else booking.state
    kind = kind_of(state, booking.purpose, mine=bool(seen_by and booking.user_id == seen_by.pk))
    booked = held if claim.change_id else held.common_with(booking.interval)
    if booked is None:
        return [(kind, held)]
    parts = [("buffer", held.start, booked.start), (kind, booked.start, booked.end), ("buffer", booked.end, held.end)]
    return [(name, Interval(start, end)) for name, start, end in parts if start < end]


def _name(claim: Claim, visible: set[UUID], *, names: bool) -> str:
    return str(claim.booking.user.name) if names or claim.booking_id in visible else ""


def board_of(facility: Facility, *, day: date, seen_by: User | None, now: datetime) -> list[Place]:
    """The plan of a laboratory's day; six statements for any number of instruments and bookings."""
    ours = Instrument.objects.filter(facility=facility)
    lanes = day_of_many(for_a_day(ours, now=now), day=day, seen_by=seen_by, now=now)
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
        Place(lane, entries.get(pk, []), walk_ins.get(pk), next(iter(lane.day.free), None))
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
