"""Objections to how much: quotas, and how many bookings are coming at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.availability import local_midnight
from bookings.rules.circumstances import Circumstances, Held, QuotaRule
from bookings.states import Measure, Period, Subject
from common.errors import Refusal
from common.interval import Interval
from common.words import in_zone

HOUR = timedelta(hours=1)


def objections_of_quota(given: Circumstances) -> list[Refusal]:
    """Too many coming bookings, and every quota that this one would break."""
    over = [refusal for quota in given.quotas if (refusal := _over(quota, given))]
    return [*_too_many_coming(given), *over]


def period_of(quota: QuotaRule, moment: datetime, zone: str) -> Interval:
    """The day, week (from Monday) or month, in the facility's zone, in which `moment` lies."""
    local = in_zone(moment, zone)
    first, last = _days(quota.period, local.date())
    return Interval(local_midnight(first, local.tzinfo), local_midnight(last, local.tzinfo))  # type: ignore[arg-type]


def _days(period: str, day: date) -> tuple[date, date]:
    if period == Period.DAY:
        return day, day + timedelta(days=1)
    if period == Period.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1)


def used_of(quota: QuotaRule, given: Circumstances) -> float:
    """How many hours or bookings begin in the period already, this one not counted."""
    period = period_of(quota, given.interval.start, given.terms.zone.key)
    return _amount(quota, (each for each in given.held if _counts(quota, each, given, period)))


def _counts(quota: QuotaRule, held: Held, given: Circumstances, period: Interval) -> bool:
    if quota.subject == Subject.GROUP:
        theirs = given.group_id is not None and held.group_id == given.group_id
    else:
        theirs = held.user_id == given.user_id
    here = quota.whole_facility or held.same_instrument
    return theirs and here and period.start <= held.interval.start < period.end


def _amount(quota: QuotaRule, held: Iterable[Held]) -> float:
    if quota.measure == Measure.BOOKINGS:
        return sum(1 for _each in held)
    return sum((each.interval.length for each in held), timedelta(0)) / HOUR


def _over(quota: QuotaRule, given: Circumstances) -> Refusal | None:
    if quota.subject == Subject.GROUP and given.group_id is None:
        return None
    used = used_of(quota, given)
    wanted = 1 if quota.measure == Measure.BOOKINGS else given.interval.length / HOUR
    if used + wanted <= quota.amount:
        return None
    values = {"amount": quota.amount, "used": round(used, 2), "measure": quota.measure, "period": quota.period}
    sentence = _("At most %(limit)s; %(used)s are used, this one would need %(wanted)s more.") % {
        "limit": quota_in_words(quota),
        "used": f"{used:g}",
        "wanted": f"{wanted:g}",
    }
    return Refusal("over_quota", sentence, "end", {**values, "subject": quota.subject})


def quota_in_words(quota: QuotaRule) -> str:
    """A quota as a phrase: “8 hours per week and person”."""
    amount = {
        Measure.HOURS: ngettext("%(count)s hour", "%(count)s hours", quota.amount),
        Measure.BOOKINGS: ngettext("%(count)s booking", "%(count)s bookings", quota.amount),
    }[Measure(quota.measure)] % {"count": quota.amount}
    per = _("%(amount)s per %(period)s and %(subject)s") % {
        "amount": amount,
        "period": Period(quota.period).label,
        "subject": Subject(quota.subject).label,
    }
    return _("%(quota)s, all instruments of the laboratory together") % {"quota": per} if quota.whole_facility else per


def _too_many_coming(given: Circumstances) -> list[Refusal]:
    limit = given.terms.max_coming
    coming = [
        each
        for each in given.held
        if each.user_id == given.user_id and each.same_instrument and each.interval.end > given.now
    ]
    if not limit or len(coming) < limit:
        return []
    sentence = _("You may have %(limit)s coming bookings of this instrument at once; you have %(count)s.") % {
        "limit": limit,
        "count": len(coming),
    }
    return [Refusal("too_many_coming", sentence, values={"max_coming": limit, "coming": len(coming)})]
