"""When an instrument is open, held and free: plain arithmetic on intervals."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from operator import attrgetter
from zoneinfo import ZoneInfo

from accounts.calendar import WorkingCalendar
from common.interval import Interval, merged, merged_in_order, without

NO_CALENDAR = WorkingCalendar({}, {}, frozenset())


@dataclass(frozen=True)
class WeeklyHours:
    """Open on `weekday` (0 is Monday) from `opens` to `closes`, minutes after local midnight."""

    weekday: int
    opens: int
    closes: int


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


@dataclass(frozen=True)
class Timetable:
    """When something is open: its week, the days that differ, closures and public holidays, in one zone."""

    zone: ZoneInfo
    weekly: tuple[WeeklyHours, ...]
    exceptions: Mapping[date, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    closures: tuple[Interval, ...] = ()
    calendar: WorkingCalendar = NO_CALENDAR
    on_holidays: bool = False

    def on(self, day: date) -> list[tuple[int, int]]:
        """The open stretches of a day in minutes after midnight: an exception wins, then holidays, then the week."""
        if day in self.exceptions:
            return sorted(self.exceptions[day])
        if self.on_holidays:
            weekday = day.weekday()
        elif self.calendar.is_holiday(day):
            return []
        else:
            weekday = self.calendar.weekday_of(day)
        return sorted((each.opens, each.closes) for each in self.weekly if each.weekday == weekday)

    def open_within(self, window: Interval) -> list[Interval]:
        """When it is open within `window`; stretches that touch at midnight are one."""
        return list(self.stretches(window))

    def stretches(self, window: Interval) -> Iterator[Interval]:
        """The same, one after the other: who wants the first looks no further than the day after it."""
        return gaps_in(merged_in_order(self._each_day(window)), self.closures)

    def _each_day(self, window: Interval) -> Iterator[Interval]:
        day = window.start.astimezone(self.zone).date()
        while local_midnight(day, self.zone) < window.end:
            for opens, closes in self.on(day):
                stretch = Interval(_at(day, opens, self.zone), _at(day, closes, self.zone))
                if part := stretch.common_with(window):
                    yield part
            day += timedelta(days=1)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Wall-clock time on a day, where minute 1440 is the next midnight; comparable across zones."""
    days, minutes = divmod(minute, 1440)
    local = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return local.astimezone(UTC)


def gaps_in(opened: Iterable[Interval], held: Iterable[Interval]) -> Iterator[Interval]:
    """What is open and not held, in order; `opened` is in order, `held` need not be."""
    taken, over = merged(held), 0
    for each in opened:
        while over < len(taken) and taken[over].end <= each.start:
            over += 1
        later = bisect_left(taken, each.end, over, key=attrgetter("start"))
        yield from without(each, taken[over:later])


def on_grid(moment: datetime, *, step: timedelta, zone: ZoneInfo) -> bool:
    """Whether `moment` is a whole number of steps after its local midnight."""
    return (moment - local_midnight(moment.astimezone(zone).date(), zone)) % step == timedelta(0)


def next_on_grid(moment: datetime, *, step: timedelta, zone: ZoneInfo) -> datetime:
    """The first moment on the grid that is not before `moment`."""
    midnight = local_midnight(moment.astimezone(zone).date(), zone)
    return midnight + -(-(moment - midnight) // step) * step


def on_grid_within(part: Interval, *, step: timedelta, zone: ZoneInfo) -> Interval | None:
    """The longest stretch of `part` that begins and ends on the grid."""
    start = next_on_grid(part.start, step=step, zone=zone)
    end = next_on_grid(part.end - step + timedelta(microseconds=1), step=step, zone=zone)
    return Interval(start, end) if start < end else None


def nearest_starts(
    free: Iterable[Interval],
    wanted: Interval,
    *,
    step: timedelta,
    zone: ZoneInfo,
    count: int,
) -> list[Interval]:
    """The `count` free intervals as long as `wanted` that begin nearest to it, in order of time."""
    found: set[Interval] = set()
    for gap in free:
        first = next_on_grid(gap.start, step=step, zone=zone)
        last = next_on_grid(gap.end - wanted.length - step + timedelta(microseconds=1), step=step, zone=zone)
        near = min(max(first, wanted.start), last) if first <= last else None
        if near is None:
            continue
        start = next_on_grid(near, step=step, zone=zone)
        for begin in (start, start + step, start - step, first, last):
            option = Interval(begin, begin + wanted.length)
            if gap.contains(option):
                found.add(option)
    nearest = sorted(found, key=lambda each: (abs(each.start - wanted.start), each.start))
    return sorted(nearest[:count])
