"""Days in an iCalendar file (RFC 5545): its all-day events, repeated daily or yearly within bounds."""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count, islice, takewhile
from typing import cast

from django.utils.translation import gettext_lazy as _
from icalendar import Event

from accounts.formats.given_day import GivenDay
from accounts.states import YEARS, DayKind
from common.errors import WrongInput
from common.text import tidy

MOST_EVENTS = 2_000
MOST_DAYS = 400  # of one event
DEEPEST = 8
READ = {"DTSTART", "DTEND", "DURATION", "RRULE", "EXDATE"}
MAKE_UP = re.compile(r"补班|调休上班|make-?\s?up", re.IGNORECASE)
CHINESE = re.compile(r"[\u3400-\u9fff]")


def days_in_ics(text: str) -> Iterator[tuple[int, GivenDay | WrongInput]]:
    """Each event's days with the line on which the event begins, or why it has none."""
    if not text.upper().startswith("BEGIN:VCALENDAR"):
        raise WrongInput("file", "unreadable", _("This is no ICS calendar."))
    for line, block in _events(text):
        try:
            for day in _days_of(block):
                yield line, day
        except WrongInput as error:
            yield line, error


def _events(text: str) -> Iterator[tuple[int, str]]:
    """Each VEVENT apart, without what is nested in it, so that one broken event spoils no other."""
    begun, block, seen, nested = 0, list[str](), 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        word, _colon, component = line.rstrip().upper().partition(":")
        if word == "BEGIN":
            nested.append(component)
            if len(nested) > DEEPEST:
                raise WrongInput("file", "too_deep", _("The calendar is nested too deeply."))
        if nested[-1:] == ["VEVENT"]:
            begun = begun or number
            block.append(line)
        if word == "END" and nested and nested.pop() == "VEVENT":
            seen += 1
            if seen > MOST_EVENTS:
                raise WrongInput("file", "too_many", _("The calendar has more than 2,000 events."))
            yield begun, "\r\n".join([*block, ""])
            begun, block = 0, []
    if block:
        raise WrongInput("file", "cut_off", _("The calendar ends in the middle of an event."))


def _days_of(block: str) -> list[GivenDay]:
    try:
        event = cast(Event, Event.from_ical(block))
        start, end = event.start, event.end
    except ValueError as error:
        raise WrongInput("event", "unreadable", _("The event cannot be read.")) from error
    if any(name in READ for name, _fault in event.errors):
        raise WrongInput("event", "unreadable", _("The event cannot be read."))
    if event.status == "CANCELLED":
        return []
    if isinstance(start, datetime) or end < start or start.year not in YEARS:
        raise WrongInput("event", "not_all_day", _("Only events of whole days are read."))
    title = tidy(str(event.summary or ""))
    kind = DayKind.MAKE_UP if MAKE_UP.search(" ".join([title, *map(str, event.categories)])) else DayKind.CLOSED
    chinese, english = (title, "") if CHINESE.search(title) else ("", title)
    covered = _covered(event, start, length=max((end - start).days, 1))
    return [GivenDay(day, kind, name_zh=chinese, name_en=english) for day in covered]


def _covered(event: Event, first: date, *, length: int) -> list[date]:
    """Every day of the event: `length` days from each of its starts but those that it leaves out."""
    starts = list(islice(_starts(event, first), MOST_DAYS + 1))
    if len(starts) * length > MOST_DAYS:
        raise WrongInput("event", "too_long", _("The event covers more than 400 days."))
    left_out = {_date(each) for each in event.exdates}
    return [start + timedelta(days=n) for start in starts if start not in left_out for n in range(length)]


def _starts(event: Event, first: date) -> Iterator[date]:
    if "RECURRENCE-ID" in event or event.rdates or len(event.rrules) > 1:
        raise WrongInput("event", "unsupported", _("Only a single rule of repetition can be read."))
    if not event.rrules:
        return iter([first])
    rule = {part: values[0] for part, values in event.rrules[0].items()}
    if not {*rule} <= {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"} or rule.get("FREQ") not in {"DAILY", "YEARLY"}:
        raise WrongInput("event", "unsupported", _("Only events that repeat daily or yearly can be read."))
    if not {"COUNT", "UNTIL"} & {*rule}:
        raise WrongInput("event", "endless", _("The event repeats without an end; give it COUNT or UNTIL."))
    times, interval, last = rule.get("COUNT"), rule.get("INTERVAL", 1), _date(rule.get("UNTIL", date.max))
    if not 1 <= interval <= MOST_DAYS or (times is not None and not 1 <= times <= MOST_DAYS):
        raise WrongInput("event", "too_long", _("The event repeats more than 400 times, or too rarely."))
    return islice(takewhile(lambda day: day <= last, _repeated(first, rule["FREQ"], interval)), times)


def _repeated(first: date, frequency: str, interval: int) -> Iterator[date]:
    """`first` again and again, without an end; 29 February comes in leap years only."""
    if frequency == "DAILY":
        yield from (first + timedelta(days=n) for n in count(0, interval))
    for year in count(first.year, interval):
        if year not in YEARS:
            raise WrongInput("event", "out_of_range", _("The event repeats beyond the year 2100."))
        if (first.month, first.day) != (2, 29) or isleap(year):
            yield first.replace(year=year)


def _date(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
