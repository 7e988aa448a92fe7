"""Whose bookings a change of opening hours would hit."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bookings.availability import WeeklyHours, local_midnight
from bookings.models import Booking
from bookings.querysets import BookingQuerySet
from bookings.services.gather import person_before, terms_of, with_terms
from common.interval import Interval, without
from instruments.models import Facility, Instrument

Owner = Facility | Instrument


def hit_by(of: Owner, interval: Interval) -> list[Booking]:
    """The bookings of people that a closure would hit, in order of time."""
    return list(_of_people_at(of).held_in(interval).with_everything().order_by("starts_at"))


def hit_by_day(of: Owner, day: date, stretches: Iterable[tuple[int, int]]) -> list[Booking]:
    """The bookings of people that would lie outside the hours, were the day open in these stretches only."""
    zone = ZoneInfo((of.facility if isinstance(of, Instrument) else of).time_zone)
    midnight = local_midnight(day, zone)
    whole = Interval(midnight, local_midnight(day + timedelta(days=1), zone))
    opened = [
        Interval(midnight + timedelta(minutes=opens), midnight + timedelta(minutes=closes))
        for opens, closes in stretches
    ]
    found = {booking.pk: booking for shut in without(whole, opened) for booking in hit_by(of, shut)}
    return sorted(found.values(), key=lambda booking: booking.starts_at)


def hit_by_week(of: Owner, hours: Iterable[WeeklyHours], *, category: str = "", now: datetime) -> list[Booking]:
    """The coming bookings of people that lie within the hours now and would not, were these the weekly ones.

    `hours` take the place of what stands there for `category`; none at all is inherited again. Each booking is judged
    by the category of whose it is. Two statements, and one for each person and instrument.
    """
    bookings = list(_of_people_at(of).coming(now).filter(starts_at__gt=now).with_everything())
    rows = [{"weekday": each.weekday, "opens": each.opens, "closes": each.closes} for each in hours]
    known: Any = with_terms(Instrument.objects.filter(pk__in={each.instrument_id for each in bookings}), now=now)
    before = {each.pk: each for each in known}
    after = {pk: _with_week(each, of, rows, category) for pk, each in before.items()}
    categories: dict[tuple[object, int], str] = {}
    hit = []
    for booking in bookings:
        instrument, whose = before[booking.instrument_id], (booking.user_id, booking.instrument_id)
        if whose not in categories:
            categories[whose] = person_before(instrument, booking.user, now=now).category_at(instrument)
        stands, would = (_is_open(each[booking.instrument_id], categories[whose], booking) for each in (before, after))
        if stands and not would:
            hit.append(booking)
    return hit


def _is_open(instrument: Any, category: str, booking: Booking) -> bool:
    return terms_of(instrument, category).timetable.open_within(booking.interval) == [booking.interval]


def _with_week(instrument: Any, of: Owner, rows: list[dict[str, Any]], category: str) -> Any:
    """The instrument from `with_terms` as it would be with this week at `of`."""
    own = instrument.pk if isinstance(of, Instrument) else None
    would = copy(instrument)
    kept = [row for row in instrument.weekly if bool(row["own"]) != bool(own) or row["category"] != category]
    would.weekly = [*kept, *({**row, "own": own, "category": category} for row in rows)]
    return would


def _of_people_at(of: Owner) -> BookingQuerySet:
    where = {"instrument": of} if isinstance(of, Instrument) else {"instrument__facility": of}
    return Booking.objects.of_people().filter(**where)
