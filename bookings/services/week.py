"""Calendars to look at: a week of one instrument, any stretch of many."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone

from accounts.models import User
from bookings.availability import local_midnight
from bookings.calendar import Block, Day
from bookings.models import Booking, Claim
from bookings.rules import Terms
from bookings.services.look import free_within
from bookings.states import HOLDS_TIME, MOVABLE, WAITS, Purpose, State
from common.interval import Interval, without
from instruments.models import Instrument


def week_of(instrument: Instrument, *, terms: Terms, monday: date, seen_by: User | None, now: datetime) -> list[Day]:
    """Seven days of an instrument: open, free and held time; two statements."""
    midnights = [local_midnight(monday + timedelta(days=n), terms.zone) for n in range(8)]
    window = Interval(midnights[0], midnights[7])
    visible = _visible_in(instrument, window, seen_by)
    held = Claim.objects.filter(instrument=instrument).overlapping(terms.held_for(window))
    claims = list(held.select_related("booking__user", "change"))
    names = terms.shows_names and seen_by is not None
    free = free_within(terms, window, [claim.interval for claim in claims], now=now)
    opened = terms.timetable.open_within(window)
    days = []
    for start, end in pairwise(midnights):
        whole = Interval(start, end)
        blocks = [
            Block(
                part,
                _kind(claim, seen_by),
                visible.get(claim.booking_id),
                _name(claim, visible, names=names),
                is_movable=part == claim.booking.interval and _is_movable(claim, seen_by, now=now),
            )
            for claim in claims
            for part in _within(_booked(claim), whole)
        ]
        blocks += [Block(part, "buffer") for claim in claims for part in _within(_buffers(claim), whole)]
        in_order = sorted(blocks, key=lambda each: each.interval)
        closed = without(whole, opened)
        days.append(Day(start.date(), _within(opened, whole), _within(free, whole), in_order, closed))
    return days


def _booked(claim: Claim) -> list[Interval]:
    """What of a claim is booked: by the booking, or by the change that waits."""
    return _within([claim.interval], (claim.change or claim.booking).interval)


def _buffers(claim: Claim) -> list[Interval]:
    """What of a claim keeps the booked time apart from others."""
    return without(claim.interval, [(claim.change or claim.booking).interval])


def _visible_in(instrument: Instrument, window: Interval, seen_by: User | None) -> dict[Any, Booking]:
    """The bookings that may be opened, by id."""
    if seen_by is None:
        return {}
    claims = Claim.objects.filter(instrument=instrument).overlapping(window)
    found = Booking.objects.filter(claims__in=claims, state__in=HOLDS_TIME).visible_to(seen_by)
    return {each.pk: each for each in found}


def _name(claim: Claim, visible: dict[Any, Booking], *, names: bool) -> str:
    """Whose time it is, for those who may open the booking, and for everybody signed in where the policy says so."""
    return claim.booking.user.name if names or claim.booking_id in visible else ""


def _within(intervals: list[Interval], whole: Interval) -> list[Interval]:
    return [part for each in intervals if (part := each.common_with(whole))]


def _is_movable(claim: Claim, seen_by: User | None, *, now: datetime) -> bool:
    booking = claim.booking
    theirs = seen_by is not None and booking.user_id == seen_by.pk
    return theirs and claim.change is None and booking.state in MOVABLE and booking.ends_at > now


def _kind(claim: Claim, seen_by: User | None) -> str:
    """How a block is drawn: mine, held for me while I fill in the form (draft), maintenance, pending, or taken."""
    booking = claim.booking
    mine = bool(seen_by and booking.user_id == seen_by.pk)
    if mine and booking.state == State.DRAFT:
        return "draft"
    return kind_of(State.REQUESTED if claim.change else booking.state, booking.purpose, mine=mine)


def kind_of(state: str, purpose: str, *, mine: bool) -> str:
    """How held time is drawn: mine, maintenance, waiting for approval (pending), or taken."""
    if mine:
        return "mine"
    if purpose == Purpose.MAINTENANCE:
        return "maintenance"
    return "pending" if state in WAITS else "taken"


def calendar_of(user: Any, *, window: Interval, slugs: list[str], facility: str) -> list[dict[str, Any]]:
    """Held time on instruments, in order, with names where `user` may see them; two statements for any number."""
    instruments = Instrument.objects.visible_to(user)
    wanted = instruments.filter(slug__in=slugs) if slugs else instruments.filter(facility__slug=facility)
    claims = Claim.objects.filter(instrument__in=wanted).overlapping(window)
    seen = Booking.objects.visible_to(user) if user.is_authenticated else Booking.objects.none()
    visible = set(seen.filter(claims__in=claims).values_list("pk", flat=True)) if user.is_authenticated else set()
    columns = ("instrument__slug", "starts_at", "ends_at", "booking", "booking__state", "booking__purpose", "change")
    people = ("booking__user", "booking__user__name", "booking__title")
    found = []
    for slug, start, end, pk, state, purpose, change, who, name, title in claims.order_by(
        "instrument", "starts_at"
    ).values_list(*columns, *people):
        shown = pk in visible
        mine = user.is_authenticated and who == user.pk
        found.append(
            {
                "instrument": slug,
                "start": timezone.localtime(start),
                "end": timezone.localtime(end),
                "kind": kind_of(State.REQUESTED if change else state, purpose, mine=mine),
                "booking": pk if shown else None,
                "user": name if shown else None,
                "title": title if shown else None,
            }
        )
    return found
