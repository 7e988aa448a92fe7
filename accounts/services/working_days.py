from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.calendar import WorkingCalendar, calendar_from
from accounts.formats import GivenDay, WrongRow, read_days
from accounts.models import HolidayYear, Organisation, OrganisationDay, User
from accounts.permissions import is_officer, may_govern
from accounts.states import NATIONAL_KINDS, YEARS
from common.errors import NotAllowed, WrongInput
from common.text import tidy

AROUND_A_HOLIDAY = timedelta(days=40)
SAID = ("kind", "follows", "name_zh", "name_en")


@dataclass(frozen=True)
class CalendarImport:
    """What became of a file: how many days were new, changed and unchanged, and the rows that were left out."""

    new: int
    changed: int
    unchanged: int
    wrong: list[WrongRow]


def calendar_of(organisation_id: UUID | None, *, first: date, last: date) -> WorkingCalendar:
    """The working days from `first` to `last`, as an organisation (or, for None, nobody in particular) has them."""
    years = HolidayYear.objects.filter(year__range=(first.year, last.year)).values("year", "days")
    own = OrganisationDay.objects.filter(organisation=organisation_id, day__range=(first, last))
    return calendar_from(years, own.values("day", *SAID) if organisation_id else [])


def working_days_after(start: date, count: int) -> date:
    """The day by whose end something is due that takes `count` working days, by the State Council's calendar."""
    calendar = calendar_of(None, first=start, last=start + AROUND_A_HOLIDAY + count * timedelta(days=3))
    return calendar.add_working_days(start, count)


@transaction.atomic
def announce_year(year: int, days: Iterable[Mapping[str, Any]], *, by: User, source: str = "") -> HolidayYear:
    """Enter what the State Council announced for a year, or put it right: rows of day, kind and both names.

    Raises WrongInput where a day is not in that year, comes twice or is neither a holiday nor a make-up day.
    """
    if not is_officer(by):
        raise NotAllowed(_("Only a city officer may announce a year's holidays."))
    if year not in YEARS:
        raise WrongInput("year", "out_of_range", _("The year is out of range."))
    announced = HolidayYear.objects.update_or_create(
        year=year,
        defaults={
            "days": _checked(year, days),
            "source": tidy(source),
            "announced_by": by,
            "announced_at": timezone.now(),
        },
    )
    return announced[0]


@transaction.atomic
def announce_from_file(name: str, content: bytes, *, by: User, source: str = "") -> HolidayYear:
    """The same from a CSV or ICS file called `name`, whose days all lie in one year; all of it or nothing.

    Raises WrongInput for a file that cannot be read, with the first wrong row where there is one.
    """
    read = read_days(name, content)
    if read.wrong:
        words = {"line": read.wrong[0].line, "reason": read.wrong[0].reason}
        raise WrongInput("file", "wrong_row", _("Line %(line)s: %(reason)s") % words)
    years = {day.year for day in read.days}
    if len(years) != 1:
        raise WrongInput("file", "invalid", _("The file names the days of one year."))
    try:
        return announce_year(years.pop(), [asdict(each) for each in read.days.values()], by=by, source=source)
    except WrongInput as error:
        raise WrongInput("file", error.code, error.detail) from error


def _checked(year: int, days: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    checked: dict[date, dict[str, str]] = {}
    for each in days:
        try:
            day = date.fromisoformat(str(each["day"]))
        except (KeyError, ValueError) as error:
            raise WrongInput("days", "invalid", _("Each day needs a date such as 2027-01-01.")) from error
        if day.year != year or day in checked:
            raise WrongInput("days", "invalid", _("Each day lies in the year and comes once."))
        if each.get("kind") not in NATIONAL_KINDS:
            raise WrongInput("days", "invalid", _("Each day is a holiday or a make-up working day."))
        names = {name: tidy(each.get(name, "")) for name in ("name_zh", "name_en")}
        checked[day] = {"day": day.isoformat(), "kind": each["kind"], **names}
    return [checked[day] for day in sorted(checked)]


@transaction.atomic
def import_calendar(organisation: Organisation, *, by: User, name: str, content: bytes) -> CalendarImport:
    """Take the days of a CSV or ICS file called `name` into the calendar; days that it does not name stay as they are.

    Raises WrongInput where the file as a whole cannot be read.
    """
    _only_its_admins(organisation, by)
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)  # one import of a calendar at a time
    read = read_days(name, content)
    rows = organisation.calendar_days.filter(day__in=read.days).values("day", *SAID)
    known = {row["day"]: GivenDay(**row) for row in rows}
    new = read.days.keys() - known.keys()
    changed = {day for day in known if known[day] != read.days[day]}
    OrganisationDay.objects.bulk_create(
        [OrganisationDay(organisation=organisation, **asdict(read.days[day])) for day in new | changed],
        update_conflicts=True,
        unique_fields=["organisation", "day"],
        update_fields=SAID,
    )
    return CalendarImport(len(new), len(changed), len(known) - len(changed), read.wrong)


@transaction.atomic
def remove_calendar_day(day: OrganisationDay, *, by: User) -> None:
    """Take one day out of an institution's calendar: the State Council's word, or its weekday, applies again."""
    _only_its_admins(day.organisation, by)
    day.delete()


def _only_its_admins(organisation: Organisation, user: User) -> None:
    if not may_govern(user, organisation):
        raise NotAllowed(_("Only an admin of the organisation may change its calendar."))
