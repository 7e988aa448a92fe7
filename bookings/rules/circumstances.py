"""The facts that the rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bookings.availability import WeeklyHours
from common.interval import Interval


@dataclass(frozen=True)
class Terms:
    """How time may be booked on one instrument: its policy and weekly hours, in the facility's zone."""

    zone: ZoneInfo
    hours: tuple[WeeklyHours, ...]
    step: timedelta
    shortest: timedelta
    longest: timedelta
    lead: timedelta
    horizon: timedelta
    buffer_before: timedelta
    buffer_after: timedelta
    needs_approval: bool
    needs_training: bool

    def held_for(self, interval: Interval) -> Interval:
        """What a booking of `interval` holds: the buffers too."""
        return interval.widened(before=self.buffer_before, after=self.buffer_after)


@dataclass(frozen=True)
class Circumstances:
    """Everything that bears on one wish to book, gathered after the instrument was locked."""

    now: datetime
    interval: Interval
    terms: Terms
    status: str
    booked_where: str
    shared_with: frozenset[str]
    asks_as: frozenset[str]
    runs_it: bool
    trained: bool
    taken: tuple[Interval, ...]
