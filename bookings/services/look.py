"""Reading what is free and what is held: for pages and the API, without a write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from accounts.models import User
from bookings.availability import free_intervals, local_midnight, nearest_starts, open_intervals
from bookings.calendar import Block, Day
from bookings.models import Booking, Claim
from bookings.rules import Terms
from bookings.services.gather import terms_of, with_terms
from bookings.states import HOLDS_TIME, State
from common.interval import Interval
from instruments.models import Instrument

ALTERNATIVES = 3
LOOKED_AROUND = timedelta(days=7)


def terms_for(instrument: Instrument) -> Terms:
    """The policy and hours under which the instrument is booked; one statement."""
    return terms_of(with_terms(Instrument.objects.all()).get(pk=instrument.pk))


def held_on(instrument: Instrument, window: Interval) -> list[Interval]:
    """When the instrument is held within `window`, without names, buffers included."""
    return Claim.objects.filter(instrument=instrument).overlapping(window).intervals()


def free_on(instrument: Instrument, window: Interval, *, now: datetime) -> tuple[list[Interval], list[Interval]]:
    """(free, held) within `window`; free is open, not past and within the horizon."""
    terms = terms_for(instrument)
    held = held_on(instrument, terms.held_for(window))
    return _free(terms, window, held, now=now), [each for each in held if each.overlaps(window)]


def _free(terms: Terms, window: Interval, held: list[Interval], *, now: datetime) -> list[Interval]:
    start = max(window.start, now + terms.lead)
    end = min(window.end, now + terms.horizon + terms.longest)
    if start >= end:
        return []
    opened = open_intervals(terms.hours, Interval(start, end), zone=terms.zone)
    # A booking's own buffers must fit beside what is held: its free time begins that much later.
    kept_apart = [each.widened(before=terms.buffer_after, after=terms.buffer_before) for each in held]
    return [gap for gap in free_intervals(opened, kept_apart) if gap.start <= now + terms.horizon]


def alternatives_to(wanted: Interval, *, instrument: Instrument, terms: Terms, now: datetime) -> list[Interval]:
    """The three free times that begin nearest to it, within a week, as long as `wanted` (or as is allowed)."""
    wanted = Interval(wanted.start, min(wanted.end, wanted.start + terms.longest))
    window = wanted.widened(before=LOOKED_AROUND, after=LOOKED_AROUND)
    free = _free(terms, window, held_on(instrument, terms.held_for(window)), now=now)
    offers = [gap.common_with(Interval(window.start, now + terms.horizon + wanted.length)) for gap in free]
    return nearest_starts(
        [each for each in offers if each], wanted, step=terms.step, zone=terms.zone, count=ALTERNATIVES
    )


def week_of(instrument: Instrument, *, monday: date, seen_by: User | None, now: datetime) -> tuple[Terms, list[Day]]:
    """Seven days of an instrument: open, free and held time; a constant number of statements."""
    terms = terms_for(instrument)
    midnights = [local_midnight(monday + timedelta(days=n), terms.zone) for n in range(8)]
    window = Interval(midnights[0], midnights[7])
    bookings = Booking.objects.filter(
        claims__in=Claim.objects.filter(instrument=instrument).overlapping(window), state__in=HOLDS_TIME
    )
    visible = {each.pk: each for each in bookings.visible_to(seen_by).select_related("user")} if seen_by else {}
    claims = list(
        Claim.objects.filter(instrument=instrument).overlapping(terms.held_for(window)).select_related("booking")
    )
    free = _free(terms, window, [claim.interval for claim in claims], now=now)
    opened = open_intervals(terms.hours, window, zone=terms.zone)
    days = []
    for start, end in pairwise(midnights):
        whole = Interval(start, end)
        blocks = [
            Block(part, _kind(claim, seen_by), visible.get(claim.booking_id))
            for claim in claims
            if (part := claim.interval.common_with(whole))
        ]
        days.append(
            Day(start.date(), _within(opened, whole), _within(free, whole), sorted(blocks, key=lambda b: b.interval))
        )
    return terms, days


def _within(intervals: list[Interval], whole: Interval) -> list[Interval]:
    return [part for each in intervals if (part := each.common_with(whole))]


def _kind(claim: Claim, seen_by: User | None) -> str:
    """How a block is drawn: mine, maintenance, waiting for approval, or taken."""
    booking = claim.booking
    if seen_by and booking.user_id == seen_by.pk:
        return "mine"
    if booking.purpose == "maintenance":
        return "maintenance"
    return "pending" if booking.state in {"requested", "needs_info", "draft"} else "taken"


@dataclass(frozen=True)
class Facts:
    """What an approver wants to know of who asks."""

    trained: bool
    needs_training: bool
    past_bookings: int
    organisations: list[str]


def facts_about(booking: Booking) -> Facts:
    """Training, earlier bookings and organisations of the requester."""
    user, instrument = booking.user, booking.instrument
    memberships = user.memberships.confirmed().select_related("organisation")
    return Facts(
        trained=user.trainings.filter(instrument=instrument).exists(),
        needs_training=terms_for(instrument).needs_training,
        past_bookings=Booking.objects.filter(user=user, instrument=instrument, state=State.COMPLETED).count(),
        organisations=sorted({each.organisation.name for each in memberships}),
    )
