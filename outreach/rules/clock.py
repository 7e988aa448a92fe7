"""When an offer ends. Its clock runs by day only, so that nobody loses a place asleep."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

RUNS_FROM, RUNS_TO, NOT_BEFORE = time(8), time(22), time(10)
DALIAN = ZoneInfo("Asia/Shanghai")


def offer_ends(now: datetime, hours: int, *, zone: ZoneInfo = DALIAN) -> datetime:
    """The moment at which the clock of an offer made `now` has run for `hours`; never before 10:00 of its day.

    The clock runs from 08:00 to 22:00 of the local time.
    """
    at, left = now.astimezone(zone), timedelta(hours=hours)
    while True:
        opens, closes = (datetime.combine(at.date(), moment, zone) for moment in (RUNS_FROM, RUNS_TO))
        at = max(at, opens)
        if at < closes and left <= closes - at:
            break
        left -= max(closes - at, timedelta(0))
        at = datetime.combine(at.date() + timedelta(days=1), RUNS_FROM, zone)
    return max(at + left, datetime.combine(at.date(), NOT_BEFORE, zone))


def due(now: datetime, hours: int, *, begins: datetime) -> datetime:
    """Until when a guardian must act: by the clock, and at the latest when the session begins."""
    return min(offer_ends(now, hours), begins)
