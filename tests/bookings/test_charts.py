"""A laboratory in figures: what counts as open, as used, as maintenance, and in which hour it falls."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from bookings.availability import WeeklyHours
from bookings.models import UsageRecord
from bookings.services import close, months_of_use, set_exception, set_hours, set_policy, week_of_use
from bookings.services.utilisation import UNBOOKED
from bookings.states import Purpose, Source, State
from common.interval import Interval
from tests.conftest import DALIAN
from tests.factories import booked
from tests.growth import fill

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, tzinfo=DALIAN)
A_WEEK = Interval(MONDAY, MONDAY + 7 * DAY)
NOW = MONDAY + 9 * DAY + 12 * HOUR  # Wednesday noon, the week after
PAGE = "/lab/centre/charts/"


@pytest.fixture(autouse=True)
def _after_the_week():
    with time_machine.travel(NOW, tick=False):
        yield


def week(*instruments, window=A_WEEK):
    return week_of_use(instruments, window=window, zone=DALIAN, now=NOW)


def used(found):
    """{(weekday, hour): hours} where there was any use."""
    return {slot: cell.used for slot, cell in found.cells.items() if cell.used}


def wrote_down(on, at, hours, by, **more):
    more = {"source": Source.ENTERED, "user_name": "x", "entered_by": by, **more}
    return UsageRecord.objects.create(instrument=on, starts_at=at, ends_at=at + hours * HOUR, **more)


def test_a_booking_is_cut_at_the_borders_of_hours_and_of_the_opening_hours(sem, researcher):
    booked(sem, at=MONDAY + 7.5 * HOUR, by=researcher, hours=1.75, state=State.COMPLETED)  # 07:30–09:15, open from 8

    found = week(sem)

    assert used(found) == {(0, 8): 1, (0, 9): 0.25}
    assert (found.cells[0, 8].percent, found.cells[0, 9].percent, found.cells[1, 9].percent) == (100, 25, 0)
    assert (found.whole.opened, found.whole.used, found.whole.outside) == (7 * 12, 1.25, 0.5)
    assert found.hours == range(8, 20)


def test_the_hours_are_those_of_the_facilitys_clock(sem, centre, researcher):
    centre.time_zone = "Asia/Tokyo"
    centre.save()
    booked(sem, at=MONDAY + 23.5 * HOUR, by=researcher, hours=1)  # Dalian's Monday 23:30 is Tokyo's Tuesday 00:30
    set_hours(sem, [WeeklyHours(day, 0, 1440) for day in range(7)])

    assert used(week_of_use([sem], window=A_WEEK, zone=ZoneInfo("Asia/Tokyo"), now=NOW)) == {(1, 0): 0.5, (1, 1): 0.5}


def test_half_hours_closed_days_and_closures_count_in_the_opening_hours(sem, centre, manager, researcher):
    set_hours(sem, [WeeklyHours(0, 510, 690), WeeklyHours(1, 510, 690), WeeklyHours(2, 510, 690)])  # 08:30–11:30
    with time_machine.travel(MONDAY - 9 * DAY):
        set_exception(sem, (MONDAY + DAY).date(), [], by=manager)
        shut = Interval(MONDAY + 2 * DAY + 9.5 * HOUR, MONDAY + 2 * DAY + 20 * HOUR)
        close(centre, by=manager, interval=shut, reason_zh="停电")
    booked(sem, at=MONDAY + 8.5 * HOUR, by=researcher, hours=0.25)
    booked(sem, at=MONDAY + DAY + 9 * HOUR, by=researcher, hours=1)

    found = week(sem)

    opened = {slot: cell.opened for slot, cell in found.cells.items() if cell.opened}
    assert opened == {(0, 8): 0.5, (0, 9): 1, (0, 10): 1, (0, 11): 0.5, (2, 8): 0.5, (2, 9): 0.5}
    assert found.cells[0, 8].percent == 50
    assert found.cells[1, 9].percent is None
    assert (found.whole.used, found.whole.outside) == (0.25, 1)


def test_maintenance_is_counted_apart_and_stays_in_the_opening_hours(sem, manager, researcher):
    booked(sem, at=MONDAY + 9 * HOUR, by=manager, hours=2, purpose=Purpose.MAINTENANCE)
    booked(sem, at=MONDAY + 11 * HOUR, by=researcher, hours=1)

    found = week(sem)

    assert used(found) == {(0, 11): 1}
    assert (found.whole.opened, found.whole.used, found.whole.maintenance) == (84, 1, 2)
    assert (found.cells[0, 9].maintenance, found.cells[0, 9].percent) == (1, 0)


def test_use_without_a_booking_counts_once_and_only_where_no_claim_holds_the_time(sem, manager, researcher):
    held = booked(sem, at=MONDAY + 9 * HOUR, by=researcher, hours=1, state=State.COMPLETED)
    wrote_down(sem, MONDAY + 9 * HOUR, 1, manager, booking=held)
    wrote_down(sem, MONDAY + 9.5 * HOUR, 1, manager)
    wrote_down(sem, MONDAY + 10 * HOUR, 0.5, manager)

    assert used(week(sem)) == {(0, 9): 1, (0, 10): 0.5}
    march = months_of_use([sem], zone=DALIAN, now=NOW)
    assert march.hours == {(date(2026, 3, 1), "research"): 1, (date(2026, 3, 1), UNBOOKED): 0.5}


def test_what_waits_lapsed_or_is_still_to_come_counts_on_neither_side(sem, researcher):
    today = MONDAY + 9 * DAY
    booked(sem, at=MONDAY + 9 * HOUR, by=researcher, state=State.REQUESTED)
    booked(sem, at=today + 11 * HOUR, by=researcher, hours=3)  # until 14:00; now it is noon

    found = week(sem, window=Interval(MONDAY, today + 5 * DAY))

    assert used(found) == {(2, 11): 1}
    assert (found.cells[2, 11].opened, found.cells[2, 12].opened) == (2, 1)


def test_several_instruments_are_one_sum(sem, xrd, researcher):
    booked(sem, at=MONDAY + 9 * HOUR, by=researcher)

    assert (week(sem, xrd).cells[0, 9].percent, week(sem).cells[0, 9].percent) == (50, 100)


def test_a_public_holiday_is_closed_unless_the_policy_says_otherwise(sem, university):
    university.calendar_days.create(day=(MONDAY + DAY).date(), kind="closed")

    assert week(sem).cells[1, 9].percent is None
    set_policy(sem, open_on_holidays=True)
    assert week(sem).cells[1, 9].percent == 0


def test_months_are_cut_at_local_midnight_and_say_for_what(sem, manager, researcher):
    last_night = datetime(2026, 2, 28, 23, tzinfo=DALIAN)
    booked(sem, at=last_night, by=researcher, hours=2.5, purpose=Purpose.TESTING)
    booked(sem, at=MONDAY, by=manager, hours=4, purpose=Purpose.MAINTENANCE)

    found = months_of_use([sem], zone=DALIAN, now=NOW)

    february, march = date(2026, 2, 1), date(2026, 3, 1)
    assert found.months[0] == date(2025, 4, 1)
    assert found.months[-1] == march
    assert (found.of(february, "testing"), found.of(march, "testing")) == (1, 1.5)
    assert (found.purposes, found.used(march), found.of(march, "maintenance")) == (["testing"], 1.5, 4)


@pytest.mark.parametrize("count", [10, 200])
def test_the_page_costs_the_same_statements_however_much_was_booked(
    centre, sem, xrd, manager, researcher, browse, statements, count
):
    latest = NOW - 3 * DAY
    fill(researcher, first=latest - (count - 2) * HOUR, last=latest)  # one every two hours on each of the two
    client = browse(manager)

    with statements() as counted:
        page = client.get(PAGE)

    assert page.status_code == 200
    assert page.context["week"].whole.used > 0
    assert len(counted) <= 16, "\n".join(counted)


def test_both_tables_come_as_csv_that_a_spreadsheet_opens_right(sem, manager, researcher, browse):
    booked(sem, at=MONDAY + 8 * HOUR, by=researcher, hours=1.5, state=State.COMPLETED)
    client = browse(manager)

    by_hour = client.get(f"{PAGE}?from=2026-03-02&to=2026-03-08&as=week.csv")
    by_month = client.get(f"{PAGE}?as=months.csv")

    assert by_hour.content.startswith(b"\xef\xbb\xbf")
    assert by_hour["Content-Disposition"] == 'attachment; filename="centre-week.csv"'
    rows = list(csv.DictReader(io.StringIO(by_hour.content.decode("utf-8-sig"))))
    assert len(rows) == 7 * 12
    assert list(rows[1].values()) == ["周一", "09:00", "10:00", "1.00", "0.50", "50", "0.00"]
    months = list(csv.DictReader(io.StringIO(by_month.content.decode("utf-8-sig"))))
    assert list(months[-1].values()) == ["2026-03", "1.50", "1.50", "0.00"]


def test_the_address_says_the_period_and_the_instrument(sem, xrd, manager, researcher, browse):
    booked(sem, at=MONDAY + 9 * HOUR, by=researcher)
    client = browse(manager)

    of_sem = client.get(f"{PAGE}?weeks=4&instrument=sem")
    of_xrd = client.get(f"{PAGE}?weeks=4&instrument=xrd")

    assert of_sem.context["week"].whole.used == 1
    assert of_sem.context["days"] == (date(2026, 2, 11), date(2026, 3, 10))
    assert of_xrd.context["week"].whole.used == 0
    assert "/lab/centre/import/" in of_xrd.content.decode()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2026-03-08&to=2026-03-02", "to"),
        ("from=2022-03-01&to=2026-03-02", "from"),
        ("from=2026-03-01&to=2026-03-12", "to"),
        ("from=2026-03-01", "to"),
        ("to=2026-03-01", "from"),
        ("from=yesterday&to=2026-03-02", "from"),
        ("from=0001-01-01&to=9999-12-31", "from"),
        ("instrument=nothing", "instrument"),
        ("weeks=5", "__all__"),
        ("weeks=%00", "__all__"),
    ],
)
def test_a_wrong_period_is_refused_beside_its_field(sem, manager, browse, query, field):
    for more in ("", "&as=week.csv"):
        page = browse(manager).get(f"{PAGE}?{query}{more}")

        assert page.status_code == 400
        assert field in page.context["form"].errors
        assert "week" not in page.context


def test_only_who_runs_the_laboratory_sees_its_figures(sem, manager, researcher, browse):
    assert browse(researcher).get(PAGE).status_code == 403
    assert browse(manager).get(PAGE).status_code == 200
    assert browse(manager).get("/lab/none/charts/").status_code == 404


def test_a_laboratory_without_instruments_is_told_what_to_do_next(centre, manager, browse):
    assert "/lab/centre/instruments/new/" in browse(manager).get(PAGE).content.decode()
