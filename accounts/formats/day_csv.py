"""Days in a CSV file with the columns day, kind, follows, name_zh, name_en, or their Chinese names."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date
from io import StringIO

from django.utils.translation import gettext_lazy as _

from accounts.formats.given_day import GivenDay
from accounts.states import DayKind
from common.errors import WrongInput
from common.text import folded, tidy

COLUMNS = {"日期": "day", "类型": "kind", "按周几": "follows", "中文名": "name_zh", "英文名": "name_en"}
KINDS = {"放假": DayKind.HOLIDAY, "停馆": DayKind.CLOSED, "补班": DayKind.MAKE_UP, "开放": DayKind.OPEN}
KINDS |= {kind.value: kind for kind in DayKind}
WEEKDAYS = {
    name: weekday
    for weekday, names in enumerate(
        ("monday 一", "tuesday 二", "wednesday 三", "thursday 四", "friday 五", "saturday 六", "sunday 日 天")
    )
    for name in (*names.split(), names[:3], str(weekday + 1))
}
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", re.ASCII)


def days_in_csv(text: str) -> Iterator[tuple[int, GivenDay | WrongInput]]:
    """Each row with the number of its last line: a day, or why it is none."""
    reader = csv.reader(StringIO(text, newline=""))
    try:
        columns = [COLUMNS.get(name, name) for name in map(folded, next(reader, []))]
        if not {"day", "kind"} <= {*columns}:
            raise WrongInput("file", "no_header", _("The first line must name the columns, at least day and kind."))
        for row in reader:
            if any(map(tidy, row)):
                yield reader.line_num, _day_in(dict(zip(columns, row, strict=False)))
    except csv.Error as error:
        raise WrongInput("file", "unreadable", _("This is no CSV file.")) from error


def _day_in(row: dict[str, str]) -> GivenDay | WrongInput:
    names = {name: tidy(row.get(name, "")) for name in ("name_zh", "name_en")}
    try:
        return GivenDay(date_in(row["day"]), _kind(row.get("kind", "")), _weekday(row.get("follows", "")), **names)
    except WrongInput as error:
        return error


def date_in(text: str) -> date:
    """The day that a cell names. Raises WrongInput (`day`)."""
    try:
        return date(*map(int, DAY.fullmatch(folded(text)).groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError) as error:
        raise WrongInput("day", "invalid", _("The day is no date such as 2026-10-01.")) from error


def _kind(text: str) -> DayKind:
    if folded(text) not in KINDS:
        raise WrongInput("kind", "invalid", _("The kind is one of holiday, make_up, closed and open."))
    return KINDS[folded(text)]


def _weekday(text: str) -> int | None:
    """Monday, Mon, 周一, 星期一, 一 or 1; nothing for nothing."""
    name = re.sub(r"^(?:周|星期|礼拜)", "", folded(text))
    if name and name not in WEEKDAYS:
        raise WrongInput("follows", "invalid", _("The weekday is one of Monday to Sunday, or 1 to 7."))
    return WEEKDAYS[name] if name else None
