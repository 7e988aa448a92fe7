"""A week of one instrument as a table: pure layout, no query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from common.interval import Interval, without

HALF_HOUR, HOUR = timedelta(minutes=30), timedelta(hours=1)
USUAL_DAY = (8, 18)


@dataclass(frozen=True)
class Block:
    """A held stretch as somebody may see it.

    `booking` where they may open it, `name` where they may know whose; `is_movable` where it is all of a booking of
    theirs that may still be moved.
    """

    interval: Interval
    kind: str
    booking: Any = None
    name: str = ""
    is_movable: bool = False


@dataclass(frozen=True)
class Day:
    """One day of an instrument's week, in its facility's zone."""

    date: date
    opened: list[Interval]
    free: list[Interval]
    blocks: list[Block]
    closed: list[Interval]


@dataclass(frozen=True)
class Cell:
    """One row of one day: what it is, and what begins in it."""

    kind: str
    start: datetime
    begins: list[Block]


@dataclass(frozen=True)
class Row:
    starts: time
    cells: list[Cell]


def rows_of(days: Sequence[Day], *, zone: ZoneInfo, shortest: timedelta) -> list[Row]:
    """The table of a week, by half-hours or hours, from the first to the last hour in which anything is."""
    if not days:
        return []
    height = HALF_HOUR if shortest <= HALF_HOUR else HOUR
    first, last = hours_shown(days, zone)
    minutes = range(first * 60, last * 60, int(height.total_seconds() // 60))
    starts = [time(minute // 60, minute % 60) for minute in minutes]
    return [Row(at, [_cell(day, datetime.combine(day.date, at, zone), height) for day in days]) for at in starts]


def hours_shown(days: Sequence[Day], zone: ZoneInfo) -> tuple[int, int]:
    """The first and the last full hour of the week's days; 24 is the next midnight."""
    first, last = USUAL_DAY
    for day in days:
        for each in [*day.opened, *(block.interval for block in day.blocks)]:
            start, end = each.start.astimezone(zone), each.end.astimezone(zone)
            first = min(first, start.hour if start.date() == day.date else 0)
            last = max(last, 24 if end.date() != day.date else end.hour + (end.minute > 0))
    return first, last


def _cell(day: Day, start: datetime, height: timedelta) -> Cell:
    whole = Interval(start, start + height)
    here = [block for block in day.blocks if block.interval.overlaps(whole)]
    if here:
        return Cell(here[0].kind, start, [block for block in here if block.interval.start >= start])
    if any(each.start <= start < each.end for each in day.free):
        return Cell("free", start, [])
    return Cell("over" if any(each.overlaps(whole) for each in day.opened) else "closed", start, [])


QUARTERS = 96
SHOWN_FROM, SHOWN_UNTIL = (8, 6, 0), (18, 20, 22, 24)


@dataclass(frozen=True)
class Bar:
    """A stretch of a day's lane, from one quarter of an hour up to another; `block` where it is held."""

    kind: str
    interval: Interval
    first: int
    last: int
    block: Block | None = None


def bars_of(day: Day, *, zone: ZoneInfo, otherwise: str = "over") -> list[Bar]:
    """A day as one lane, in order: free, held, closed, and what is open and cannot be booked now (`otherwise`)."""
    midnights = [datetime.combine(day.date + timedelta(days=n), time(), zone) for n in range(2)]
    whole = Interval(midnights[0], midnights[1])
    held = [block.interval for block in day.blocks]
    over = [part for stretch in day.opened for part in without(stretch, [*held, *day.free])]
    closed = without(whole, [*day.opened, *held])
    plain = [("free", day.free), (otherwise, over), ("closed", closed)]
    bars = [_bar(kind, each, day, zone) for kind, intervals in plain for each in intervals]
    bars += [_bar(block.kind, block.interval, day, zone, block) for block in day.blocks]
    return sorted(bars, key=lambda bar: bar.interval)


def _bar(kind: str, interval: Interval, day: Day, zone: ZoneInfo, block: Block | None = None) -> Bar:
    start, end = interval.start.astimezone(zone), interval.end.astimezone(zone)
    first = 0 if start.date() < day.date else (start.hour * 60 + start.minute) // 15
    last = QUARTERS if end.date() > day.date else -(-(end.hour * 60 + end.minute) // 15)
    return Bar(kind, interval, first, max(last, first + 1), block)


def hours_of_lanes(lanes: Sequence[Sequence[Bar]]) -> tuple[int, int]:
    """From which to which hour the lanes are worth showing: whatever is not closed lies within."""
    busy = [bar for lane in lanes for bar in lane if bar.kind != "closed"]
    first, last = min((bar.first for bar in busy), default=32), max((bar.last for bar in busy), default=72)
    return (
        next(hour for hour in SHOWN_FROM if hour * 4 <= first or hour == 0),
        next(hour for hour in SHOWN_UNTIL if hour * 4 >= last),
    )
