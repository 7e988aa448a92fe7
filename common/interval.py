"""A stretch of time: half-open, aware, compared and cut without rounding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, order=True)
class Interval:
    """From `start` up to but not including `end`; both are aware, kept in UTC, and `start` < `end`.

    Raises ValueError when it would be empty, backwards or naive.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs times with their zone")
        # Two times of one zone are compared by their clocks, and clocks are put back once a year.
        if self.start.tzinfo is not UTC:
            object.__setattr__(self, "start", self.start.astimezone(UTC))
        if self.end.tzinfo is not UTC:
            object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError("an interval ends after it starts")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, other: Interval) -> bool:
        return self.start <= other.start and other.end <= self.end

    def widened(self, *, before: timedelta, after: timedelta) -> Interval:
        """The same time with buffers around it."""
        return Interval(self.start - before, self.end + after)

    def common_with(self, other: Interval) -> Interval | None:
        """The time in both, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time in order, where those that touch or overlap have become one."""
    return list(merged_in_order(sorted(intervals)))


def merged_in_order(intervals: Iterable[Interval]) -> Iterator[Interval]:
    """The same of intervals that come in order: each goes out as soon as the next one is apart from it."""
    last: Interval | None = None
    for interval in intervals:
        if last and interval.start <= last.end:
            last = last if interval.end <= last.end else Interval(last.start, interval.end)
            continue
        if last:
            yield last
        last = interval
    if last:
        yield last


def without(whole: Interval, held: Iterable[Interval]) -> list[Interval]:
    """What is left of `whole` when the `held` time is taken away."""
    left, at = [], whole.start
    for interval in merged(held):
        if interval.start > at:
            gap = Interval(at, interval.start).common_with(whole)
            left += [gap] if gap else []
        at = max(at, interval.end)
    return [*left, Interval(at, whole.end)] if at < whole.end else left
