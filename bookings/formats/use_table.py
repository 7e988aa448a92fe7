"""A table of uses as laboratories keep it: which column says what, and what makes a row wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from common.interval import Interval

COLUMNS = {
    "instrument": ["instrument", "仪器", "仪器编号"],
    "start": ["start", "开始时间"],
    "end": ["end", "结束时间"],
    "minutes": ["minutes", "机时（分钟）", "机时(分钟)", "分钟"],
    "user": ["user", "使用人"],
    "samples": ["samples", "样品数"],
    "note": ["note", "备注"],
    "external_ref": ["external_ref", "外部编号"],
}
LONGEST = timedelta(days=31)


class RowError(Exception):
    """Why a row cannot be taken, in words for the person who has to mend it."""


@dataclass(frozen=True)
class UseRow:
    """One use as a row of a table says it; times are wall-clock times of the facility unless they say their offset."""

    instrument: str
    interval: Interval
    user: str
    samples: int | None
    note: str
    external_ref: str


def columns_in(headers: list[str]) -> dict[str, str]:
    """Which of our columns stands under which header; headers that we do not know are left alone."""
    known = {name.casefold(): column for column, names in COLUMNS.items() for name in names}
    return {known[each.strip().casefold()]: each for each in headers if each.strip().casefold() in known}


def use_of(row: Mapping[str, str], columns: Mapping[str, str], *, zone: ZoneInfo, now: datetime) -> UseRow:
    """The use that a row says. Raises RowError."""
    said = {column: (row.get(header) or "").strip() for column, header in columns.items()}
    if not said.get("instrument"):
        raise RowError(_("The instrument is missing."))
    start = _moment(said.get("start", ""), zone)
    end = _moment(said["end"], zone) if said.get("end") else start + _minutes(said.get("minutes", ""))
    if end <= start:
        raise RowError(_("The end must be after the start."))
    if end > now:
        raise RowError(_("Only use that is over is recorded."))
    if end - start > LONGEST:
        raise RowError(_("One record covers at most 31 days."))
    return UseRow(
        instrument=said["instrument"],
        interval=Interval(start, end),
        user=said.get("user", "")[:80],
        samples=_count(said.get("samples", "")),
        note=said.get("note", "")[:500],
        external_ref=said.get("external_ref", "")[:80],
    )


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """2026-11-23 14:30, 2026/11/23 14:30, or RFC 3339."""
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError as error:
        raise RowError(_("“%(text)s” is no time; write 2026-11-23 14:30.") % {"text": text[:40]}) from error
    if not 2000 <= moment.year <= 2100:
        raise RowError(_("“%(text)s” is no time; write 2026-11-23 14:30.") % {"text": text[:40]})
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _minutes(text: str) -> timedelta:
    if not re.fullmatch(r"\d{1,5}(\.\d{1,2})?", text) or float(text) <= 0:
        raise RowError(_("Neither an end nor a number of minutes."))
    return timedelta(minutes=float(text))


def _count(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"\d{1,6}", text):
        raise RowError(_("“%(text)s” is no number of samples.") % {"text": text[:40]})
    return int(text)
