"""How much instruments were used: by weekday and hour of their opening hours, and by month and purpose.

The formula, for each weekday and hour of the day (the facility's clock), over the chosen period and instruments:

    utilisation = time held for people within opening hours / opening hours

Held for people is what claims hold of bookings that stood (confirmed, in use, completed; buffers included), and use
without a booking where no claim holds the time. Opening hours are those that everybody has now, with days that
differed, public holidays and closures. Maintenance is no use: it stays in the opening hours and is counted apart. What
is still to come counts on neither side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from accounts.calendar import calendar_from
from accounts.models import HolidayYear
from bookings.availability import Timetable, local_midnight
from bookings.models import Claim, UsageRecord
from bookings.services.gather import terms_of, with_hours
from bookings.states import Purpose
from common.interval import Interval
from instruments.models import Instrument

MONTHS = 12
UNBOOKED, OPENED, OUTSIDE = "unbooked", "opened", "outside"  # beside the purposes of bookings
KINDS = {"UNBOOKED": UNBOOKED, "OPENED": OPENED, "OUTSIDE": OUTSIDE, "MAINTENANCE": Purpose.MAINTENANCE.value}
NOT_FOR_PEOPLE = {Purpose.MAINTENANCE, OPENED, OUTSIDE}
# A slot, and from when a stretch is counted: for the hours of a week, as if all weeks were the one of A_MONDAY.
A_MONDAY = datetime(2024, 1, 1)  # noqa: DTZ001 (a clock on the wall)
LOCAL = "lower(part) AT TIME ZONE %s"
BY_HOUR = ("hour", f"timestamp '{A_MONDAY}' + ({LOCAL} - date_trunc('week', {LOCAL}))")
BY_MONTH = ("month", LOCAL)
STEPS = 5  # of the heat map's scale, a fifth each

# Which rows count is the querysets' to say. Here their time is put together, cut to what was given as open, and
# added up by the hour or month of the zone in which it lies. Stretches that begin and last alike are counted before
# they are cut to slots: in a year there are tens of thousands of them, but few that differ.
TIME_BY_SLOT = """
WITH claimed (instrument, kind, starts_at, ends_at) AS ({claims}),
unbooked (instrument, starts_at, ends_at) AS ({records}),
timetable AS (
    SELECT number, range_agg(tstzrange(opens, closes)) AS time
    FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[]) AS stretch (number, opens, closes) GROUP BY number
),
opened AS (
    SELECT instrument, time
    FROM unnest(%s::bigint[], %s::int[]) AS whose (instrument, number) JOIN timetable USING (number)
),
held AS (
    SELECT instrument, kind, range_agg(tstzrange(starts_at, ends_at)) AS time FROM claimed GROUP BY instrument, kind
    UNION ALL
    SELECT instrument, '{UNBOOKED}', range_agg(tstzrange(starts_at, ends_at)) - coalesce(
        (SELECT range_agg(tstzrange(claimed.starts_at, claimed.ends_at)) FROM claimed
         WHERE claimed.instrument = unbooked.instrument), tstzmultirange())
    FROM unbooked GROUP BY instrument
),
parts AS (
    SELECT '{OPENED}' AS kind, unnest(time) AS part FROM opened
    UNION ALL
    SELECT kind, unnest(held.time * opened.time) FROM held JOIN opened USING (instrument)
    UNION ALL
    SELECT '{OUTSIDE}', unnest(held.time * tstzmultirange(tstzrange(%s, %s)) - coalesce(opened.time, tstzmultirange()))
    FROM held LEFT JOIN opened USING (instrument) WHERE kind <> '{MAINTENANCE}'
),
shapes AS (
    SELECT kind, {start} AS start, upper(part) - lower(part) AS length, count(*) AS times
    FROM parts GROUP BY 1, 2, 3
)
SELECT slot, kind, sum(times * extract(epoch FROM
    least(start + length, slot + interval '1 {unit}') - greatest(start, slot)))
FROM shapes, generate_series(
    date_trunc('{unit}', start), start + length - interval '1 microsecond', interval '1 {unit}'
) AS slot
GROUP BY 1, 2
"""


@dataclass
class Sums:
    """Hours that were open, used by people, used outside opening hours, and under maintenance."""

    opened: float = 0
    used: float = 0
    outside: float = 0
    maintenance: float = 0

    def add(self, kind: str, hours: float) -> None:
        name = {OPENED: "opened", OUTSIDE: "outside", Purpose.MAINTENANCE: "maintenance"}.get(kind, "used")
        setattr(self, name, getattr(self, name) + hours)

    @property
    def percent(self) -> int | None:
        """The share of the opening hours that was used; None where there were none, and no use is rounded away."""
        if not self.opened:
            return None
        return max(round(100 * self.used / self.opened), 1 if self.used else 0)

    @property
    def step(self) -> int:
        """Where it lies on the scale: 0 for no use, then a step for each fifth begun."""
        return -(-(self.percent or 0) * STEPS // 100)


@dataclass
class Week:
    """A week in which a period has been put together."""

    cells: dict[tuple[int, int], Sums] = field(
        default_factory=lambda: {(day, hour): Sums() for hour in range(24) for day in range(7)}
    )
    whole: Sums = field(default_factory=Sums)

    @property
    def hours(self) -> range:
        """From the first to the last hour of the day in which it was ever open."""
        opened = [hour for (_day, hour), cell in self.cells.items() if cell.opened]
        return range(min(opened), max(opened) + 1) if opened else range(0)

    def rows(self) -> Iterator[tuple[int, list[Sums]]]:
        """Each hour with its seven days, Monday first."""
        for hour in self.hours:
            yield hour, [self.cells[day, hour] for day in range(7)]


@dataclass
class Months:
    """Hours by month and purpose; use without a booking is the purpose `unbooked`."""

    months: list[date]
    hours: dict[tuple[date, str], float]

    @property
    def purposes(self) -> list[str]:
        """Those of people that occur, in the order of the choices."""
        known = [*(each for each in Purpose.values if each not in NOT_FOR_PEOPLE), UNBOOKED]
        return [each for each in known if any(kind == each for _month, kind in self.hours)]

    def of(self, month: date, purpose: str) -> float:
        return self.hours.get((month, purpose), 0)

    def used(self, month: date) -> float:
        return sum(self.of(month, each) for each in self.purposes)


def week_of_use(instruments: Sequence[Instrument], *, window: Interval, zone: ZoneInfo, now: datetime) -> Week:
    """How much of the opening hours was used, by weekday and hour; three statements. See the formula above.

    The instruments are of one facility.
    """
    found = Week()
    window = Interval(window.start, max(min(window.end, now), window.start + timedelta(microseconds=1)))
    timetables, whose = _timetables(instruments, window)
    opened = [timetable.open_within(window) for timetable in timetables]
    for slot, kind, hours in _time_by_slot(whose, opened, window, zone, *BY_HOUR):
        found.cells[slot.weekday(), slot.hour].add(kind, hours)
        found.whole.add(kind, hours)
    return found


def months_of_use(instruments: Sequence[Instrument], *, zone: ZoneInfo, now: datetime) -> Months:
    """The hours held for people and for maintenance, by month, at any hour of the day; one statement."""
    months = _months_until(now.astimezone(zone).date())
    window = Interval(local_midnight(months[0], zone), now)
    sums = _time_by_slot(dict.fromkeys((each.pk for each in instruments), 0), [[window]], window, zone, *BY_MONTH)
    hours = {(slot.date(), kind): hours for slot, kind, hours in sums if kind not in {OPENED, OUTSIDE}}
    return Months(months, hours)


def _months_until(today: date) -> list[date]:
    last = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(last - MONTHS + 1, last + 1)]


def _timetables(instruments: Iterable[Instrument], window: Interval) -> tuple[list[Timetable], dict[int, int]]:
    """The timetables that differ, and by instrument which of them it has: most have their facility's."""
    years = HolidayYear.objects.filter(year__range=(window.start.year, window.end.year + 1)).values("year", "days")
    known: Any = with_hours(Instrument.objects.filter(pk__in=[each.pk for each in instruments]), now=window.start)
    different: list[Timetable] = []
    whose: dict[int, int] = {}
    calendar = None
    for each in known.order_by("pk"):
        calendar = calendar or calendar_from(years, each.own_days)
        timetable = terms_of(each, calendar=calendar).timetable
        if timetable not in different:
            different.append(timetable)
        whose[each.pk] = different.index(timetable)
    return different, whose


def _time_by_slot(
    whose: dict[int, int], opened: list[list[Interval]], window: Interval, zone: ZoneInfo, unit: str, start: str
) -> Iterator[tuple[datetime, str, float]]:
    """Hours by slot and kind; `whose` says which of `opened` is an instrument's."""
    if not whose:
        return iter(())
    claims, of_claims = _sql(Claim.objects.filter(instrument__in=whose).standing_in(window))
    records, of_records = _sql(UsageRecord.objects.filter(instrument__in=whose).unbooked_in(window))
    stretches = [(number, each.start, each.end) for number, found in enumerate(opened) for each in found]
    of_timetables: list[Any] = [[row[n] for row in stretches] for n in range(3)]
    given = [*of_timetables, list(whose), list(whose.values()), window.start, window.end]
    sql = TIME_BY_SLOT.format(claims=claims, records=records, unit=unit, start=start, **KINDS)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*of_claims, *of_records, *given, *[zone.key] * start.count(LOCAL)])
        found = cursor.fetchall()
    return ((slot, kind, float(seconds) / 3600) for slot, kind, seconds in found)


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    """A queryset as a part of a larger statement."""
    return rows.query.sql_with_params()  # type: ignore[no-any-return]
