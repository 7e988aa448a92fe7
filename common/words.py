"""How times, lengths and zones are written: the same on pages, in mails and in refusals, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

WEEKDAYS_ZH = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"]


def speaks_english() -> bool:
    return (get_language() or "").startswith("en")


def day(moment: date) -> str:
    """2026年11月23日 周一, or Mon 23 Nov 2026."""
    if speaks_english():
        return f"{moment:%a} {moment.day} {moment:%b %Y}"
    return f"{moment.year}年{moment.month}月{moment.day}日 {WEEKDAYS_ZH[moment.weekday()]}"


def short_day(moment: date) -> str:
    """11月23日 周一, or Mon 23 Nov."""
    if speaks_english():
        return f"{moment:%a} {moment.day} {moment:%b}"
    return f"{moment.month}月{moment.day}日 {WEEKDAYS_ZH[moment.weekday()]}"


def weekday_name(moment: date) -> str:
    """周一, or Mon."""
    return f"{moment:%a}" if speaks_english() else WEEKDAYS_ZH[moment.weekday()]


def month_and_weekday(moment: date) -> str:
    """11月 周一, or Nov Mon: beside a large number of the day."""
    return f"{moment:%b %a}" if speaks_english() else f"{moment.month}月 {WEEKDAYS_ZH[moment.weekday()]}"


def in_zone(moment: datetime, zone: str) -> datetime:
    """The same moment on a clock in `zone` (an IANA name)."""
    return moment.astimezone(ZoneInfo(zone))


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def clock_of(minute: int) -> str:
    """08:30 for 510 minutes after midnight; 24:00 for the day's end."""
    return f"{minute // 60:02}:{minute % 60:02}"


def stamp(moment: datetime) -> str:
    """2026-11-23T14:30: a wall-clock time in an address."""
    return f"{moment:%Y-%m-%dT%H:%M}"


def moment(value: datetime) -> str:
    """2026年11月23日 周一 14:30, in the portal's zone unless the value was put into another."""
    local = timezone.localtime(value) if value.tzinfo is UTC else value
    return f"{day(local)} {clock(local)}"


def near(value: datetime) -> str:
    """today 14:30, tomorrow 09:00, Fri 09:00, Mon 7 Dec 09:00: a moment to come, on the clock it was put on."""
    away = (value.date() - timezone.now().astimezone(value.tzinfo).date()).days
    names = {0: _("today"), 1: _("tomorrow"), **{days: weekday_name(value) for days in range(2, 7)}}
    return f"{names.get(away) or short_day(value)} {clock(value)}"


def until(value: datetime) -> str:
    """16:00, 24:00, tomorrow 12:00: when ends what lasts at this moment, on the clock it was put on."""
    today = timezone.now().astimezone(value.tzinfo).date()
    if value.date() == today:
        return clock(value)
    return "24:00" if value == datetime.combine(today + timedelta(days=1), time(), value.tzinfo) else near(value)


def hours(start: datetime, end: datetime, zone: str) -> str:
    """14:30–16:00, where a midnight at the end is 24:00."""
    first, last = in_zone(start, zone), in_zone(end, zone)
    return f"{clock(first)}–{'24:00' if last.date() > first.date() and clock(last) == '00:00' else clock(last)}"


def span(start: datetime, end: datetime, zone: str) -> str:
    """2026年11月23日 周一 14:30–16:00; the end's day is named where it is another."""
    first, last = in_zone(start, zone), in_zone(end, zone)
    if (end - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == first.date():
        return f"{day(first)} {hours(start, end, zone)}"
    return f"{day(first)} {clock(first)} – {day(last)} {clock(last)}"


def length(value: timedelta) -> str:
    """30 分钟, 2.5 小时, 3 天."""
    minutes = round(value.total_seconds() / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    if minutes % 1440 == 0 and minutes > 1440:
        return _("%(n)s days") % {"n": minutes // 1440}
    return _("%(n)s h") % {"n": f"{minutes / 60:.2f}".rstrip("0").rstrip(".")}


def money(amount: Decimal) -> str:
    """¥1,234.50, and below zero −¥1,234.50."""
    sign = "−" if amount < 0 else ""
    return f"{sign}¥{abs(amount):,.2f}"


def time_since(moment: datetime) -> str:
    """20 分钟, 5 小时, 3 天: how long ago something was, rounded down to what is worth knowing."""
    passed = timezone.now() - moment
    hours = int(passed.total_seconds() // 3600)
    if hours >= 48:
        return _("%(n)s days") % {"n": hours // 24}
    return _("%(n)s h") % {"n": hours} if hours else length(passed)


def zone_name(zone: str) -> str:
    """What to call a zone beside times: Dalian time (UTC+8)."""
    offset = datetime.now(ZoneInfo(zone)).utcoffset() or timedelta(0)
    hours = offset.total_seconds() / 3600
    return _("%(zone)s time (UTC%(offset)s)") % {
        "zone": _("Dalian") if zone == "Asia/Shanghai" else zone,
        "offset": f"{hours:+g}",
    }
