"""Working days: announced holidays and make-up days, what an institution says itself, and years not announced yet."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from accounts.calendar import DayMark, WorkingCalendar, calendar_from
from accounts.models import HolidayYear, Organisation, OrganisationDay
from accounts.services import announce_year, calendar_of
from accounts.states import DayKind, OrganisationKind, Role
from common.errors import NotAllowed, WrongInput
from tests.factories import member

NATIONAL = {
    date(2026, 2, 14): DayMark("make_up", "春节", "Spring Festival"),  # a Saturday
    date(2026, 10, 1): DayMark("holiday", "国庆节", "National Day"),  # a Thursday
    date(2026, 10, 2): DayMark("holiday", "国庆节", "National Day"),
    date(2026, 10, 11): DayMark("make_up", "国庆节", "National Day"),  # a Sunday
}
OWN = {
    date(2026, 10, 2): DayMark("open"),
    date(2026, 10, 8): DayMark("closed", "校庆", "Founding day"),
    date(2026, 10, 10): DayMark("make_up", follows=3),
    date(2026, 10, 11): DayMark("closed"),
}
STATE = WorkingCalendar(NATIONAL, {}, frozenset({2026}))
OURS = WorkingCalendar(NATIONAL, OWN, frozenset({2026}))


@pytest.fixture
def officer(db):
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="科学城办公室")
    return member("officer", city, Role.OFFICER)


@pytest.mark.parametrize(
    ("calendar", "day", "working", "holiday", "weekday"),
    [
        (STATE, date(2026, 9, 30), True, False, 2),
        (STATE, date(2026, 10, 1), False, True, 3),
        (STATE, date(2026, 10, 3), False, False, 5),
        (STATE, date(2026, 2, 14), True, False, 4),
        (STATE, date(2026, 10, 11), True, False, 0),
        (OURS, date(2026, 10, 1), False, True, 3),
        (OURS, date(2026, 10, 2), True, False, 4),
        (OURS, date(2026, 10, 8), False, True, 3),
        (OURS, date(2026, 10, 10), True, False, 3),
        (OURS, date(2026, 10, 11), False, True, 6),
    ],
)
def test_a_day_is_what_its_institution_says_else_the_state_else_its_weekday(calendar, day, working, holiday, weekday):
    assert calendar.is_working(day) is working
    assert calendar.is_holiday(day) is holiday
    assert calendar.weekday_of(day) == weekday


def test_working_days_are_counted_over_holidays_and_make_up_days():
    wednesday = date(2026, 9, 30)

    assert STATE.add_working_days(wednesday, 0) == wednesday
    assert STATE.add_working_days(wednesday, 1) == date(2026, 10, 5)
    assert OURS.add_working_days(wednesday, 1) == date(2026, 10, 2)
    assert STATE.add_working_days(date(2026, 10, 9), 1) == date(2026, 10, 11)
    assert OURS.add_working_days(date(2026, 10, 10), 1) == date(2026, 10, 12)


def test_rows_come_with_dates_or_with_their_text():
    row = {"kind": "closed", "follows": None, "name_zh": "校庆", "name_en": ""}

    calendars = [calendar_from([], [row | {"day": day}]) for day in (date(2026, 10, 8), "2026-10-08")]

    assert calendars[0] == calendars[1]
    assert calendars[0].mark(date(2026, 10, 8)) == DayMark("closed", "校庆")


def test_announced_years_are_there_from_the_beginning(db):
    calendar = calendar_of(None, first=date(2024, 1, 1), last=date(2026, 12, 31))

    assert calendar.announced == {2024, 2025, 2026}
    assert calendar.mark(date(2026, 2, 17)).name_zh == "春节"
    assert calendar.is_holiday(date(2025, 10, 1))
    assert calendar.is_working(date(2024, 2, 4))
    assert calendar.weekday_of(date(2026, 2, 14)) == 4


def test_of_a_year_that_is_not_announced_the_weekdays_are_assumed(db):
    calendar = calendar_of(None, first=date(2087, 1, 1), last=date(2087, 12, 31))

    assert not calendar.is_announced(2087)
    assert calendar.is_working(date(2087, 10, 1))
    assert not calendar.is_working(date(2087, 10, 4))


def test_an_institutions_calendar_takes_two_statements_and_is_its_own(university, statements):
    west = Organisation.objects.create(kind=OrganisationKind.UNIVERSITY, name_zh="西海大学")
    for organisation, kind in ((university, DayKind.CLOSED), (west, DayKind.OPEN)):
        organisation.calendar_days.create(day=date(2026, 11, 25), kind=kind, name_zh="校庆")

    with statements() as asked:
        calendar = calendar_of(university.pk, first=date(2026, 11, 1), last=date(2026, 11, 30))

    assert len(asked) == 2
    assert calendar.mark(date(2026, 11, 25)) == DayMark("closed", "校庆")


def test_an_officer_announces_a_year_and_puts_it_right(officer):
    wrong = [{"day": "2087-01-02", "kind": "holiday", "name_zh": "元旦", "name_en": "New Year's Day"}]
    announce_year(2087, wrong, by=officer, source="国办发明电〔2026〕9号")
    announce_year(2087, [wrong[0] | {"day": date(2087, 1, 1)}], by=officer)

    calendar = calendar_of(None, first=date(2087, 1, 1), last=date(2087, 1, 31))

    assert calendar.national == {date(2087, 1, 1): DayMark("holiday", "元旦", "New Year's Day")}
    assert calendar.is_announced(2087)
    assert HolidayYear.objects.get(year=2087).announced_by == officer


@pytest.mark.parametrize(
    "days",
    [
        [{"day": "2026-01-01", "kind": "holiday"}],
        [{"day": "2087-01-01", "kind": "closed"}],
        [{"day": "2087-01-01"}],
        [{"day": "new year", "kind": "holiday"}],
        [{"kind": "holiday"}],
        [{"day": "2087-01-01", "kind": "holiday"}] * 2,
    ],
)
def test_a_year_of_a_wrong_shape_is_not_announced(officer, days):
    with pytest.raises(WrongInput):
        announce_year(2087, days, by=officer)

    assert not HolidayYear.objects.filter(year=2087).exists()


def test_an_officer_announces_a_year_from_a_file_and_all_of_it_or_nothing(browse, officer):
    good = "日期,类型,中文名称\n2087-01-01,holiday,元旦\n2087-01-04,make_up,元旦\n"
    bad = good + "2087-02-30,holiday,\n"

    wrong = browse(officer).post("/holidays/", {"file": file_of(bad)})
    none_yet = HolidayYear.objects.filter(year=2087).exists()
    right = browse(officer).post("/holidays/", {"file": file_of(good), "source": "示例"}, follow=True)

    assert (wrong.status_code, none_yet, right.status_code) == (400, False, 200)
    assert len(HolidayYear.objects.get(year=2087).days) == 2


def file_of(text):
    return SimpleUploadedFile("holidays.csv", text.encode())


def test_nobody_but_an_officer_announces_a_year(researcher):
    with pytest.raises(NotAllowed):
        announce_year(2087, [], by=researcher)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("organisation_day_kind", {"kind": "half"}),
        ("organisation_day_follows", {"kind": "make_up", "follows": 7}),
        ("organisation_day_follows", {"kind": "closed", "follows": 1}),
        ("organisation_day_once", {"kind": "open"}),
    ],
)
def test_the_database_refuses_a_day_that_makes_no_sense(university, constraint, fields):
    OrganisationDay.objects.create(organisation=university, day=date(2026, 11, 24), kind="closed")
    day = date(2026, 11, 24 if constraint == "organisation_day_once" else 25)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        OrganisationDay.objects.create(organisation=university, day=day, **fields)
