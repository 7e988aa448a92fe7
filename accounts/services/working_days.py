from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.calendar import WorkingCalendar, calendar_from
from accounts.models import HolidayYear, OrganisationDay, User
from accounts.permissions import is_officer
from accounts.states import NATIONAL_KINDS, YEARS
from common.errors import NotAllowed, WrongInput
from common.text import tidy


def calendar_of(organisation_id: UUID | None, *, first: date, last: date) -> WorkingCalendar:
    """The working days from `first` to `last`, as an organisation (or, for None, nobody in particular) has them."""
    years = HolidayYear.objects.filter(year__range=(first.year, last.year)).values("year", "days")
    own = OrganisationDay.objects.filter(organisation=organisation_id, day__range=(first, last))
    return calendar_from(years, own.values("day", "kind", "follows", "name_zh", "name_en") if organisation_id else [])


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
