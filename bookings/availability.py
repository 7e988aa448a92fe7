"""When an instrument is open, held and free: plain arithmetic on intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.interval import Interval, merged, without


@dataclass(frozen=True)
class WeeklyHours:
    """Open on `weekday` (0 is Monday) from `opens` to `closes`, minutes after local midnight."""

    weekday: int
    opens: int
    closes: int


def local_midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def open_intervals(hours: Iterable[WeeklyHours], window: Interval, *, zone: ZoneInfo) -> list[Interval]:
    """When it is open within `window`; stretches that touch at midnight are one."""
    weekly, found = list(hours), []
    day = window.start.astimezone(zone).date()
    while local_midnight(day, zone) < window.end:
        for each in weekly:
            if each.weekday == day.weekday():
                stretch = Interval(_at(day, each.opens, zone), _at(day, each.closes, zone))
                found += [part] if (part := stretch.common_with(window)) else []
        day += timedelta(days=1)
    return merged(found)


def _at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Wall-clock time on a day, where minute 1440 is the next midnight; comparable across zones."""
    days, minutes = divmod(minute, 1440)
    local = datetime.combine(day + timedelta(days=days), time(minutes // 60, minutes % 60), zone)
    return local.astimezone(ZoneInfo("UTC"))


def free_intervals(opened: Iterable[Interval], held: Sequence[Interval]) -> list[Interval]:
    """What is open and not held."""
    return [gap for stretch in opened for gap in without(stretch, held)]


def on_grid(moment: datetime, *, step: timedelta, zone: ZoneInfo) -> bool:
    """Whether `moment` is a whole number of steps after its local midnight."""
    return (moment - local_midnight(moment.astimezone(zone).date(), zone)) % step == timedelta(0)


def next_on_grid(moment: datetime, *, step: timedelta, zone: ZoneInfo) -> datetime:
    """The first moment on the grid that is not before `moment`."""
    midnight = local_midnight(moment.astimezone(zone).date(), zone)
    return midnight + -(-(moment - midnight) // step) * step


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
