"""The facts for the rules, in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.calendar import WorkingCalendar, calendar_from
from accounts.models import HolidayYear, Membership, OrganisationDay, ResearchGroup, User, Verification
from accounts.rules import Belonging, audiences_of, category_of
from billing.models import Rate
from bookings.availability import Timetable, WeeklyHours, local_midnight
from bookings.models import Booking, Closure, HoursException, OpeningHours, Policy, Quota, Training, TrainingNeed
from bookings.rules import Need, QuotaRule, Terms
from bookings.rules.policy import DEFAULTS, by_precedence, of_strongest, resolved, terms_from
from bookings.states import OperatorUse
from common.asked import Asked
from common.db import JSONBetween, JSONRows
from common.interval import Interval
from instruments.models import FacilityRole, Instrument
from instruments.querysets import InstrumentQuerySet
from instruments.states import FacilityDuty

# What is over for longer than this bears on no page: calendars of older weeks show the plain week.
LOOKED_BACK = timedelta(days=60)
A_DAY = timedelta(days=1)
# What tell() asks of a reader.
TO_TELL = ("id", "name", "email", "phone", "phone_verified", "language", "told_by")


@dataclass(frozen=True)
class Person:
    """What the rules need to know of who asks."""

    belongings: list[Belonging]
    groups: frozenset[UUID]
    runs_it: bool
    decides: bool = False
    trained: dict[str, int] = field(default_factory=dict)
    lapses: dict[str, datetime] = field(default_factory=dict)

    def lacks(self, needs: Iterable[Need]) -> bool:
        """Whether a training is missing; who runs the instrument needs none."""
        return not self.runs_it and any(self.trained.get(need.place, 0) < need.level for need in needs)

    def trained_until(self, needs: Iterable[Need]) -> datetime | None:
        """When the first of the trainings that are needed lapses; None when none of them does."""
        return min((self.lapses[need.place] for need in needs if need.place in self.lapses), default=None)

    def unverified_firm(self) -> Belonging | None:
        """The firm for which they would ask, and which nobody has verified."""
        return next((each for each in self.belongings if each.is_unverified_firm), None)

    def category_at(self, instrument: Instrument) -> str:
        """As which customer category they ask for this instrument."""
        in_own_group = instrument.research_group_id in self.groups
        owner = instrument.facility.organisation_id
        return category_of(self.belongings, owner_id=owner, in_own_group=in_own_group)


def with_terms(instruments: InstrumentQuerySet, *, now: datetime | None = None) -> InstrumentQuerySet:
    """Instruments together with every row that says how and when they are booked, so that `terms_of` asks no more."""
    rows = {**_rows_of_hours(now or timezone.now()), **_rows_of_people(now or timezone.now())}
    return _with_rows(instruments, rows)


def with_hours(instruments: InstrumentQuerySet, *, now: datetime) -> InstrumentQuerySet:
    """The same for looking over many of them: without quotas, trainings, admins and the national calendar.

    `terms_of` is handed the calendar then.
    """
    return _with_rows(instruments, _rows_of_hours(now))


def with_hours_between(instruments: InstrumentQuerySet, first: str, last: str, *, now: datetime) -> InstrumentQuerySet:
    """The same with the national calendar of some days (`days_around` a window), for `with_their_terms`."""
    near = JSONObject(year="year", days=JSONBetween("days", "day", first, last))
    return _with_rows(instruments, {**_rows_of_hours(now), "holidays": years_around(now).values(row=near)})


def days_around(window: Interval) -> dict[str, str]:
    """The first and the last day, as ISO texts, that a window touches in any zone."""
    first, last = window.start - A_DAY, window.end + A_DAY
    return {"first": first.date().isoformat(), "last": last.date().isoformat()}


def with_their_terms(rows: Iterable[Any]) -> list[tuple[Any, Terms]]:
    """Each instrument from `with_hours_between` with the terms that hold on those days."""
    calendars: dict[object, WorkingCalendar] = {}
    found = []
    for each in rows:
        owner = each.facility.organisation_id
        if owner not in calendars:
            calendars[owner] = calendar_from(each.holidays, each.own_days)
        found.append((each, terms_of(each, calendar=calendars[owner])))
    return found


def midnight() -> datetime:
    """The last one: what a question that is put together once a day may read off the clock."""
    return local_midnight(timezone.localdate(), timezone.get_default_timezone())


def _with_rows(instruments: InstrumentQuerySet, rows: dict[str, Any]) -> InstrumentQuerySet:
    return instruments.select_related("facility__organisation").annotate(
        **{name: JSONRows(found) for name, found in rows.items()}
    )


def years_around(now: datetime) -> Any:
    """The announced holidays that can bear on a booking now, as rows."""
    return HolidayYear.objects.filter(year__range=(now.year - 1, now.year + 2))


def _rows_of_hours(now: datetime) -> dict[str, Any]:
    ours = Q(instrument=OuterRef("pk")) | Q(facility=OuterRef("facility"))
    back = now - LOOKED_BACK
    return {
        "policies": Policy.objects.filter(ours).values(row=_row(*DEFAULTS, "category")),
        "weekly": OpeningHours.objects.filter(ours).values(
            row=_row("category", "weekday", opens="opens_minute", closes="closes_minute")
        ),
        "exceptions": HoursException.objects.filter(ours, day__gte=back.date()).values(
            row=_row("day", opens="opens_minute", closes="closes_minute")
        ),
        "closures": Closure.objects.filter(ours, ends_at__gte=back).values(row=_row("starts_at", "ends_at")),
        "own_days": OrganisationDay.objects.filter(
            organisation=OuterRef("facility__organisation"), day__gte=back.date()
        ).values(row=JSONObject(**{name: name for name in ("day", "kind", "follows", "name_zh", "name_en")})),
    }


def _rows_of_people(now: datetime) -> dict[str, Any]:
    ours = Q(instrument=OuterRef("pk")) | Q(facility=OuterRef("facility"))
    of_places = Q(facility=OuterRef("facility")) | Q(organisation=OuterRef("facility__organisation"))
    return {
        "quotas": Quota.objects.filter(ours).values(row=_row("category", "subject", "measure", "period", "amount")),
        "needs": TrainingNeed.objects.filter(of_places | Q(facility=None, organisation=None)).values(
            row=JSONObject(**{name: name for name in ("facility", "organisation", "name_zh", "name_en", "level")})
        ),
        "deciders": FacilityRole.objects.admins()
        .standing(timezone.localdate())
        .filter(facility=OuterRef("facility"))
        .values(row=JSONObject(**{name: f"user__{name}" for name in TO_TELL})),
        "rates_along": Rate.objects.filter(instrument=OuterRef("pk")).rows(),
        "holidays": years_around(now).values(row=JSONObject(year="year", days="days")),
    }


def _row(*names: str, **renamed: str) -> JSONObject:
    return JSONObject(own="instrument_id", **{name: name for name in names}, **renamed)


def terms_of(instrument: Any, category: str = "", *, calendar: WorkingCalendar | None = None) -> Terms:
    """How `category` (nobody in particular: "") books the instrument, which comes from `with_terms`."""
    values = resolved(instrument.policies, category)
    if instrument.needs_operator and values["operator"] == OperatorUse.NEVER:
        values["operator"] = OperatorUse.ALWAYS  # what the catalogue says of it wins over a policy that says nothing
    days = calendar or calendar_from(instrument.holidays, instrument.own_days)
    return terms_from(values, timetable_of(instrument, category, days, on_holidays=values["open_on_holidays"]))


def timetable_of(instrument: Any, category: str, calendar: WorkingCalendar, *, on_holidays: bool) -> Timetable:
    """When it is open for a category; closures of the facility count beside the instrument's own."""
    zone = ZoneInfo(instrument.facility.time_zone)
    weekly = of_strongest(instrument.weekly, category)
    return Timetable(
        zone=zone,
        weekly=tuple(WeeklyHours(row["weekday"], row["opens"], row["closes"]) for row in weekly),
        exceptions=_exceptions(instrument.exceptions),
        closures=tuple(
            Interval(datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"]))
            for row in instrument.closures
        ),
        calendar=calendar,
        on_holidays=on_holidays,
    )


def _exceptions(rows: list[dict[str, Any]]) -> dict[date, tuple[tuple[int, int], ...]]:
    """By day; the instrument's own win over its facility's."""
    found: dict[date, tuple[tuple[int, int], ...]] = {}
    for own in (False, True):
        days: dict[date, list[tuple[int, int]]] = {}
        for row in rows:
            if bool(row["own"]) == own:
                stretches = days.setdefault(date.fromisoformat(row["day"]), [])
                stretches += [(row["opens"], row["closes"])] if row["closes"] is not None else []
        found |= {day: tuple(stretches) for day, stretches in days.items()}
    return found


def quotas_of(instrument: Any, category: str) -> tuple[QuotaRule, ...]:
    """Every quota that binds a category: the facility's and the instrument's own."""
    return tuple(
        QuotaRule(row["subject"], row["measure"], row["period"], row["amount"], whole_facility=not row["own"])
        for row in by_precedence(instrument.quotas, category)
    )


def needs_of(instrument: Any, terms: Terms) -> tuple[Need, ...]:
    """Every training that a booking needs: the instrument's, its facility's, its institution's, the city's."""
    wider = [
        Need(place_of(row["facility"], row["organisation"]), row["level"], row["name_zh"], row["name_en"])
        for row in instrument.needs
    ]
    own = [Need(f"instrument:{instrument.pk}", terms.training_level)] if terms.training_level else []
    return (*own, *wider)


def place_of(facility: object, organisation: object, instrument: object = None) -> str:
    """Where a training counts, as one word for comparing."""
    named = {"instrument": instrument, "facility": facility, "organisation": organisation}
    return next((f"{kind}:{pk}" for kind, pk in named.items() if pk), "city")


def person_before(instrument: Instrument, user: User, *, now: datetime) -> Person:
    """The memberships, groups, trainings and duties that count at this instrument, in one statement."""
    at = instrument.facility
    here = {"instrument": instrument.pk, "facility": at.pk, "organisation": at.organisation_id}
    row = _PERSON.of(day=timezone.localdate(now), user=user.pk, now=now, **here)[0]
    known = [_belonging(each) for each in row[0]]
    trained = {place_of(each["facility"], each["organisation"], each["instrument"]): each for each in row[2]}
    return Person(
        known,
        frozenset(row[1]),
        runs_it=bool(row[3]),
        decides=FacilityDuty.ADMIN in row[3],
        trained={place: each["level"] for place, each in trained.items()},
        lapses={
            place: datetime.fromisoformat(each["expires_at"]) for place, each in trained.items() if each["expires_at"]
        },
    )


def _person(user: UUID, now: datetime, instrument: int, facility: UUID, organisation: UUID) -> Any:
    today = timezone.localdate()
    of_firm = Verification.objects.filter(organisation=OuterRef("organisation"))
    belongings = (
        Membership.objects.standing()
        .filter(person=OuterRef("pk"))
        .values(
            row=JSONObject(
                organisation="organisation_id",
                kind="organisation__kind",
                state="state",
                country="organisation__country",
                is_sme="organisation__is_sme",
                is_verified=Exists(of_firm.standing(today)),
                answer_by=Subquery(of_firm.pending().values("due_on")[:1]),
            )
        )
    )
    groups = ResearchGroup.objects.filter(Q(pi=OuterRef("pk")) | Q(admissions__person=OuterRef("pk")))
    counting = Q(instrument=instrument) | Q(facility=facility) | Q(organisation=organisation)
    trainings = Training.objects.live(now).filter(
        counting | Q(instrument=None, facility=None, organisation=None), user=OuterRef("pk")
    )
    places = ("instrument", "facility", "organisation", "level", "expires_at")
    roles = FacilityRole.objects.standing(today).filter(facility=facility)
    return (
        User.objects.filter(pk=user)
        .annotate(
            belongings=JSONRows(belongings),
            in_groups=ArraySubquery(groups.values("pk").distinct()),
            trained=JSONRows(trainings.values(row=JSONObject(**{name: name for name in places}))),
            duties=ArraySubquery(roles.filter(user=OuterRef("pk")).values("duty")),
        )
        .values_list("belongings", "in_groups", "trained", "duties")
    )


_PERSON: Asked[User] = Asked(_person)


def _belonging(row: dict[str, Any]) -> Belonging:
    answer_by = date.fromisoformat(row["answer_by"]) if row["answer_by"] else None
    plain = {name: row[name] for name in ("kind", "state", "country", "is_sme", "is_verified")}
    return Belonging(UUID(row["organisation"]), **plain, answer_by=answer_by)


def terms_before(instrument: Instrument, booking: Booking, *, now: datetime | None = None) -> Terms:
    """The terms under which whose booking it is uses the instrument, which comes from `with_terms`."""
    person = person_before(instrument, booking.user, now=now or timezone.now())
    return terms_of(instrument, person.category_at(instrument))


def audiences_at(instrument: Instrument, person: Person) -> frozenset[str]:
    return frozenset(audiences_of(person.belongings, owner_id=instrument.facility.organisation_id))
