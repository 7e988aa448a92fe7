"""An institution's calendar in a file, CSV or ICS: good rows are read, each wrong one is named, none stops another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.formats.day_csv import days_in_csv
from accounts.formats.day_ics import days_in_ics
from accounts.formats.given_day import GivenDay
from common.errors import WrongInput
from common.tables import text_of

LARGEST_FILE = 1_000_000  # bytes
MOST_DAYS = 2_000
READERS = {"csv": days_in_csv, "ics": days_in_ics}


@dataclass(frozen=True)
class WrongRow:
    """A row (of ICS: an event) that was left out. `line` counts from 1 and is where it begins."""

    line: int
    reason: str | Promise


@dataclass(frozen=True)
class DaysRead:
    days: dict[date, GivenDay] = field(default_factory=dict)
    wrong: list[WrongRow] = field(default_factory=list)


def read_days(name: str, content: bytes) -> DaysRead:
    """The days in a file called `name`; WrongInput where the file as a whole cannot be taken."""
    if len(content) > LARGEST_FILE:
        raise WrongInput("file", "too_large", _("The file is larger than 1 MB."))
    reader = READERS.get(name.rpartition(".")[2].lower())
    if reader is None:
        raise WrongInput("file", "unknown_format", _("Give a CSV file or an ICS calendar."))
    return _sorted_out(reader(text_of(content)))


def _sorted_out(found: Iterator[tuple[int, GivenDay | WrongInput]]) -> DaysRead:
    read = DaysRead()
    for number, (line, each) in enumerate(found, start=1):
        if number > MOST_DAYS:
            raise WrongInput("file", "too_many", _("The file has more than 2,000 days."))
        if isinstance(each, WrongInput):
            read.wrong.append(WrongRow(line, each.detail))
        elif each.day in read.days:
            read.wrong.append(WrongRow(line, _("This day comes twice; the first one counts.")))
        else:
            read.days[each.day] = each
    return read
