"""Files of calendars, as universities have them: what is read, what is named as wrong, what is refused whole."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.formats import GivenDay, read_days
from accounts.states import YEARS, DayKind
from common.errors import WrongInput

HEADER = "day,kind,follows,name_zh,name_en\n"


def csv(*rows, header=HEADER):
    return read_days("calendar.csv", (header + "\n".join(rows)).encode())


def event(*lines):
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def day_event(day, *lines):
    return event(f"DTSTART;VALUE=DATE:{day}", *lines)


def calendar(*events):
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR"]).encode()


def ics(*events):
    return read_days("calendar.ICS", calendar(*events))


def reasons(read):
    with translation.override("en"):
        return [(wrong.line, str(wrong.reason)) for wrong in read.wrong]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_chinese_table_is_read_in_each_encoding_of_its_editors(encoding):
    table = "日期,类型,按周几,中文名,英文名\n2026/10/8,停馆,,校庆,\n2026年10月10日,补班,周五,,\n"

    assert read_days("校历.csv", table.encode(encoding)).days == {
        date(2026, 10, 8): GivenDay(date(2026, 10, 8), DayKind.CLOSED, name_zh="校庆"),
        date(2026, 10, 10): GivenDay(date(2026, 10, 10), DayKind.MAKE_UP, follows=4),
    }


@pytest.mark.parametrize(
    ("written", "weekday"),
    [("", None), ("1", 0), ("7", 6), ("Monday", 0), ("fri", 4), ("周日", 6), ("星期天", 6), ("三", 2), ("６", 5)],
)
def test_a_weekday_is_read_as_people_write_it(written, weekday):
    assert csv(f"2026-10-10,open,{written},,").days[date(2026, 10, 10)].follows == weekday


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-02-30,closed,,,", "The day is no date"),
        ("soon,closed,,,", "The day is no date"),
        ("1999-12-31,closed,,,", "The day is out of range."),
        ("2026-10-08,shut,,,", "The kind is one of"),
        ("2026-10-08", "The kind is one of"),
        ("2026-10-08,open,0,,", "The weekday is one of"),
        ("2026-10-08,closed,fri,,", "Only a day that is worked"),
        (f"2026-10-08,closed,,{'校' * 61},", "The name is too long."),
        ("2026-10-07,open,,,", "This day comes twice"),
    ],
)
def test_a_wrong_row_is_named_with_its_line_and_stops_no_good_one(row, reason):
    read = csv("2026-10-07,holiday,,,", "", row, "2026-10-09,closed,,,")

    assert {*read.days} == {date(2026, 10, 7), date(2026, 10, 9)}
    assert [(line, why[: len(reason)]) for line, why in reasons(read)] == [(4, reason)]


def test_columns_come_in_any_order_and_others_are_passed_over():
    read = csv("校庆,注,closed,2026-10-08", header="name_zh,备注,Kind,DAY\n")

    assert read.days == {date(2026, 10, 8): GivenDay(date(2026, 10, 8), DayKind.CLOSED, name_zh="校庆")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"kind,name_zh\nclosed,x\n"),
        ("a.csv", b"\xff\xff\xff"),
        ("a.csv", b"day,kind\n" + b"x" * 200_000),
        ("a.csv", b"day,kind\n" + b"x,closed\n" * 2_001),
        ("a.csv", b"x" * 1_000_001),
        ("a.xlsx", b"day,kind\n"),
        ("csv", b""),
        ("a.ics", b"day,kind\n"),
        ("a.ics", calendar(*["BEGIN:X"] * 100_000)),
        ("a.ics", calendar(*["BEGIN:VEVENT"] * 50_000)),
        ("a.ics", calendar(*[event("STATUS:CANCELLED")] * 2_001)),
        ("a.ics", calendar(*[day_event(20260101 + n, "RRULE:FREQ=DAILY;COUNT=400") for n in range(6)])),
        ("a.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261001"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_whole(name, content):
    with pytest.raises(WrongInput) as refused:
        read_days(name, content)

    assert refused.value.field == "file"


def test_events_of_whole_days_close_and_make_up_days_are_known_by_their_words():
    read = ics(
        day_event("20261008", "SUMMARY:校庆"),
        day_event("20261229", "DTEND;VALUE=DATE:20270101", "SUMMARY:Winter break"),
        day_event("20261010", "SUMMARY:国庆调休上班"),
        day_event("20261011", "SUMMARY:a", "CATEGORIES:WORK,Make-up day"),
        day_event("20261012", "SUMMARY:off", "STATUS:CANCELLED"),
        day_event("20261013", "SUMMARY:alarm", "BEGIN:VALARM", "SUMMARY:补班", "END:VALARM"),
    )

    assert [(f"{each.day:%m%d}", each.kind, each.name_zh, each.name_en) for each in read.days.values()] == [
        ("1008", "closed", "校庆", ""),
        ("1229", "closed", "", "Winter break"),
        ("1230", "closed", "", "Winter break"),
        ("1231", "closed", "", "Winter break"),
        ("1010", "make_up", "国庆调休上班", ""),
        ("1011", "make_up", "", "a"),
        ("1013", "closed", "", "alarm"),
    ]
    assert not read.wrong


@pytest.mark.parametrize(
    ("day", "lines", "days"),
    [
        ("20261001", ["RRULE:FREQ=YEARLY;COUNT=3"], ["2026-10-01", "2027-10-01", "2028-10-01"]),
        ("20261001", ["RRULE:FREQ=YEARLY;INTERVAL=2;UNTIL=20281001T000000Z"], ["2026-10-01", "2028-10-01"]),
        ("20240229", ["RRULE:FREQ=YEARLY;COUNT=2"], ["2024-02-29", "2028-02-29"]),
        ("20261001", ["RRULE:FREQ=DAILY;UNTIL=20261002"], ["2026-10-01", "2026-10-02"]),
        (
            "20261001",
            ["RRULE:FREQ=DAILY;COUNT=3;INTERVAL=7", "EXDATE;VALUE=DATE:20261008"],
            ["2026-10-01", "2026-10-15"],
        ),
        ("20261001", ["DTEND;VALUE=DATE:20261001"], ["2026-10-01"]),
        ("20261001", ["DURATION:P2D"], ["2026-10-01", "2026-10-02"]),
    ],
)
def test_an_event_repeats_within_its_bounds(day, lines, days):
    assert [str(each) for each in ics(day_event(day, *lines)).days] == days


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (day_event("20261301"), "The event cannot be read."),
        (event("SUMMARY:x"), "The event cannot be read."),
        (day_event("20261001", "RRULE:FREQ=YEARLY;COUNT=x"), "The event cannot be read."),
        (day_event("20261001", "EXDATE;VALUE=DATE:x", "RRULE:FREQ=DAILY;COUNT=2"), "The event cannot be read."),
        (event("DTSTART:20261001T080000Z"), "Only events of whole days are read."),
        (day_event("20261002", "DTEND;VALUE=DATE:20261001"), "Only events of whole days are read."),
        (day_event("20261001", "RRULE:FREQ=YEARLY"), "The event repeats without an end"),
        (day_event("20261001", "RRULE:FREQ=WEEKLY;COUNT=2"), "Only events that repeat daily or yearly"),
        (day_event("20261001", "RRULE:FREQ=YEARLY;COUNT=2;BYDAY=MO"), "Only events that repeat daily or yearly"),
        (day_event("20261001", *["RRULE:FREQ=YEARLY;COUNT=2"] * 2), "Only a single rule of repetition"),
        (day_event("20261001", "RDATE;VALUE=DATE:20261003"), "Only a single rule of repetition"),
        (day_event("20261001", "RECURRENCE-ID;VALUE=DATE:20261003"), "Only a single rule of repetition"),
        (
            day_event("20261001", "RRULE:FREQ=DAILY;COUNT=1000000"),
            "The event repeats more than 400 times",
        ),
        (day_event("20261001", "RRULE:FREQ=DAILY;COUNT=0"), "The event repeats more than 400 times"),
        (day_event("20261001", "RRULE:FREQ=DAILY;COUNT=2;INTERVAL=0"), "The event repeats more than 400 times"),
        (day_event("20261001", "RRULE:FREQ=DAILY;UNTIL=20991231"), "The event covers more than 400 days."),
        (day_event("20261001", "RRULE:FREQ=YEARLY;UNTIL=99991231"), "The event repeats beyond the year 2100."),
        (day_event("20261001", "RRULE:FREQ=YEARLY;COUNT=400"), "The event repeats beyond the year 2100."),
        (day_event("20261001", "DTEND;VALUE=DATE:99991231"), "The event covers more than 400 days."),
        (day_event("20261001", "DTEND;VALUE=DATE:20261231", "RRULE:FREQ=YEARLY;COUNT=9"), "The event covers more"),
        (day_event("20261001", f"SUMMARY:{'校' * 61}"), "The name is too long."),
    ],
)
def test_a_broken_event_is_named_with_its_line_and_stops_no_good_one(broken, reason):
    read = ics(day_event("20261106"), broken, day_event("20261107"))

    assert {*read.days} == {date(2026, 11, 6), date(2026, 11, 7)}
    assert [(line, why[: len(reason)]) for line, why in reasons(read)] == [(6, reason)]


@given(st.binary(max_size=400), st.sampled_from(["csv", "ics"]))
def test_no_bytes_break_the_reader(noise, extension):
    start = HEADER.encode() if extension == "csv" else b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:2026"
    end = b"" if extension == "csv" else b"\r\nEND:VEVENT\r\nEND:VCALENDAR"
    try:
        read = read_days(f"a.{extension}", start + noise + end)
    except WrongInput:
        return
    assert all(day.year in YEARS for day in read.days)
