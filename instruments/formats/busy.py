"""When somebody else's system has an instrument busy: its calendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar, Component

from common.interval import Interval, merged

MOST_EVENTS = 5_000
# What happens more often than daily is no booking, and unrolling it would keep us busy instead.
REPEATS = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}


def busy_times(data: bytes, *, window: Interval, zone: ZoneInfo) -> list[Interval]:
    """The times within `window` that a calendar holds as busy, merged and in order.

    Events that are cancelled or transparent do not count; whole days and times without a zone are those of `zone`.
    Raises ValueError for what is no calendar, holds too many events, or repeats more often than daily.
    """
    calendars = Calendar.from_ical(data, multiple=True)
    if not calendars or any(each.name != "VCALENDAR" for each in calendars):
        raise ValueError("this is no calendar")
    found = [each for calendar in calendars for each in _of_calendar(calendar, window, zone)]
    return merged(each for each in (each.common_with(window) for each in found) if each)


def _of_calendar(calendar: Component, window: Interval, zone: ZoneInfo) -> Iterator[Interval]:
    _refuse_endless(calendar.walk("VEVENT"))
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(window.start, window.end):
        if event.get("STATUS") != "CANCELLED" and event.get("TRANSP") != "TRANSPARENT":
            yield from _interval(event.start, event.end, zone)
    for block in calendar.walk("VFREEBUSY"):
        for period in _list(block.get("FREEBUSY")):
            if period.params.get("FBTYPE", "BUSY") != "FREE":
                start, end = period.dt
                yield from _interval(start, start + end if isinstance(end, timedelta) else end, zone)


def _refuse_endless(events: list[Component]) -> None:
    if len(events) > MOST_EVENTS:
        raise ValueError("too many events")
    rules = [rule for event in events for rule in _list(event.get("RRULE"))]
    if any(not set(rule.get("FREQ", [])) <= REPEATS for rule in rules):
        raise ValueError("an event repeats more often than daily")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _interval(start: date, end: date, zone: ZoneInfo) -> Iterator[Interval]:
    begins, ends = _moment(start, zone), _moment(end, zone)
    if begins < ends:  # an event without length holds nothing
        yield Interval(begins, ends)


def _moment(value: date, zone: ZoneInfo) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
