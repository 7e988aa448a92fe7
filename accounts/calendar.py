"""Which days are worked: the State Council's holidays and make-up days, and what an institution says itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from accounts.states import WORKED, DayKind
from common.text import Bilingual

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DayMark:
    """What is unusual about a day. `follows`: the weekday (Monday is 0) whose hours apply, where somebody said so."""

    kind: str
    name_zh: str = ""
    name_en: str = ""
    follows: int | None = None

    name = Bilingual("name")


@dataclass(frozen=True)
class WorkingCalendar:
    """The days of one institution. Of a year that is not `announced` nothing is known: its weekdays are assumed."""

    national: Mapping[date, DayMark]
    own: Mapping[date, DayMark]
    announced: frozenset[int]

    def mark(self, day: date) -> DayMark | None:
        """What is unusual about `day`; the institution's own word wins over the State Council's."""
        return self.own.get(day) or self.national.get(day)

    def is_working(self, day: date) -> bool:
        mark = self.mark(day)
        return mark.kind in WORKED if mark else day.weekday() <= FRIDAY

    def is_holiday(self, day: date) -> bool:
        """Whether `day` is free by name, not merely a weekend."""
        mark = self.mark(day)
        return mark is not None and mark.kind not in WORKED

    def weekday_of(self, day: date) -> int:
        """The weekday whose hours apply; a make-up day that names none works as the nearest weekday does."""
        mark = self.mark(day)
        if mark and mark.follows is not None:
            return mark.follows
        if mark and mark.kind == DayKind.MAKE_UP:
            return {SATURDAY: FRIDAY, SUNDAY: MONDAY}.get(day.weekday(), day.weekday())
        return day.weekday()

    def is_announced(self, year: int) -> bool:
        return year in self.announced

    def add_working_days(self, day: date, count: int) -> date:
        """The day that is `count` working days after `day`, which itself is not counted; `day` itself for 0."""
        for _ in range(count):
            day += ONE_DAY
            while not self.is_working(day):
                day += ONE_DAY
        return day


def calendar_from(years: Iterable[Mapping[str, Any]], own_days: Iterable[Mapping[str, Any]]) -> WorkingCalendar:
    """The calendar in rows of `HolidayYear` (year, days) and `OrganisationDay` (day, kind, follows, names).

    A day is a `date` or its ISO text, so that rows may come as they are or as JSON from a subquery.
    """
    announced = {each["year"]: each["days"] for each in years}
    return WorkingCalendar(
        national=_marks(day for days in announced.values() for day in days),
        own=_marks(own_days),
        announced=frozenset(announced),
    )


def _marks(rows: Iterable[Mapping[str, Any]]) -> dict[date, DayMark]:
    return {
        date.fromisoformat(str(row["day"])): DayMark(row["kind"], row["name_zh"], row["name_en"], row.get("follows"))
        for row in rows
    }
