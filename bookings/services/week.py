"""Calendars to look at: a week of one instrument, any stretch of many."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from accounts.models import User
from bookings.availability import local_midnight
from bookings.calendar import Day
from bookings.models import Booking, Claim
from bookings.querysets import bounds_of
from bookings.rules import Terms
from bookings.services.blocks import Eyes, blocks_of, kind_of
from bookings.services.look import bookable_within
from bookings.states import State
from common.asked import Asked
from common.db import IsOneOf
from common.interval import Interval, without
from instruments.models import Instrument
from instruments.states import TAKES_BOOKINGS


def week_of(instrument: Instrument, *, terms: Terms, monday: date, seen_by: User | None, now: datetime) -> list[Day]:
    """Seven days of an instrument: open, free and held time; two statements."""
    midnights = [local_midnight(monday + timedelta(days=n), terms.zone) for n in range(8)]
    window = Interval(midnights[0], midnights[7])
    held = Claim.objects.filter(instrument=instrument).overlapping(terms.held_for(window))
    claims = list(held.select_related("booking__user", "change"))
    eyes = Eyes.on(claims, of=seen_by, now=now, names=terms.shows_names)
    bookable = instrument.status in TAKES_BOOKINGS
    free = list(bookable_within(terms, window, [claim.interval for claim in claims], now=now)) if bookable else []
    opened = terms.timetable.open_within(window)
    days = []
    for start, end in pairwise(midnights):
        whole, blocks = Interval(start, end), blocks_of(claims, Interval(start, end), eyes)
        parts = (_within(opened, whole), _within(free, whole))
        days.append(Day(start.date(), *parts, blocks, without(whole, opened)))
    return days


def _within(intervals: list[Interval], whole: Interval) -> list[Interval]:
    return [part for each in intervals if (part := each.common_with(whole))]


def calendar_of(user: Any, *, window: Interval, slugs: list[str], facility: str) -> list[dict[str, Any]]:
    """Held time on instruments, in order, with ids (as text) and names where `user` may see them; one statement."""
    where: dict[str, Any] = {"slugs": slugs} if slugs else {"facility__slug": facility}
    if len(slugs) == 1:  # as one: PostgreSQL then knows that few rows come, and keeps one plan for all
        where = {"slug": slugs[0]}
    (how,) = where
    reader = {"user": user.pk} if user.is_authenticated else {}
    zone = timezone.get_default_timezone()
    rows = _HELD[how, bool(reader)].of(day=timezone.localdate(), **bounds_of(window), **where, **reader)
    return [
        {
            "instrument": slug,
            "start": start.astimezone(zone),
            "end": end.astimezone(zone),
            "kind": kind_of(State.REQUESTED if changing else state, purpose, mine=mine),
            "booking": booking if seen else None,
            "user": name if seen else None,
            "title": title if seen else None,
        }
        for slug, start, end, booking, state, purpose, changing, mine, name, title, seen in rows
    ]


def _held(
    earliest: datetime,
    start: datetime,
    end: datetime,
    *,
    user: UUID | None = None,
    slugs: list[str] | None = None,
    **where: str,
) -> Any:
    reader = User(pk=user) if user else AnonymousUser()
    instruments = Instrument.objects.visible_to(reader)
    wanted = instruments.filter(IsOneOf("slug", slugs)) if slugs else instruments.filter(**where)
    mine: Any = Value(value=False)
    seen: Any = Value(value=False)
    if user:
        mine = ExpressionWrapper(Q(booking__user=user), BooleanField())
        seen = Exists(Booking.objects.visible_to(User(pk=user)).filter(pk=OuterRef("booking")))
    claims = Claim.objects.filter(instrument__in=wanted).between(earliest, start, end)
    # Ids as text, and yes or no where nobody needs the id: a hundred UUIDs are half of what Python does here.
    columns = claims.annotate(
        mine=mine, seen=seen, changing=Q(change__isnull=False), written=Cast("booking", TextField())
    )
    when = ("instrument__slug", "starts_at", "ends_at", "written", "booking__state", "booking__purpose", "changing")
    who = ("mine", "booking__user__name", "booking__title", "seen")
    return columns.order_by("instrument", "starts_at").values_list(*when, *who)


# By how instruments are named, and whether somebody is signed in.
_HELD: dict[tuple[str, bool], Asked[Claim]] = {
    (how, known): Asked(_held) for how in ("slug", "slugs", "facility__slug") for known in (False, True)
}
