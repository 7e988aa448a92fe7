"""The facts for the rules, in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import Membership, User
from accounts.rules import Belonging, audiences_of
from bookings.availability import WeeklyHours
from bookings.models import Claim, OpeningHours, Policy, Training
from bookings.rules import Circumstances, Terms
from common.interval import Interval
from instruments.models import FacilityRole, Instrument
from instruments.querysets import InstrumentQuerySet


@dataclass(frozen=True)
class Person:
    """What the rules need to know of who asks."""

    belongings: list[Belonging]
    trained: bool
    runs_it: bool


def with_terms(instruments: InstrumentQuerySet) -> InstrumentQuerySet:
    """Instruments together with their policies and weekly hours, so that `terms_of` asks nothing more."""
    own_or_its_facilitys = Q(instrument=OuterRef("pk")) | Q(facility=OuterRef("facility"))
    hours = OpeningHours.objects.filter(own_or_its_facilitys).values(
        row=JSONObject(own="instrument_id", weekday="weekday", opens="opens_minute", closes="closes_minute")
    )
    return instruments.select_related("policy", "facility__policy", "facility__organisation").annotate(
        hours=ArraySubquery(hours)
    )


def terms_of(instrument: Instrument) -> Terms:
    """The instrument's own policy and hours, else its facility's, else the defaults of `Policy`.

    `instrument` comes from `with_terms`.
    """
    facility = instrument.facility
    policy = getattr(instrument, "policy", None) or getattr(facility, "policy", None) or Policy()
    rows = instrument.hours  # type: ignore[attr-defined]
    own = [row for row in rows if row["own"]]
    return Terms(
        zone=ZoneInfo(facility.time_zone),
        hours=tuple(WeeklyHours(row["weekday"], row["opens"], row["closes"]) for row in own or rows),
        step=timedelta(minutes=policy.step_minutes),
        shortest=timedelta(minutes=policy.shortest_minutes),
        longest=timedelta(minutes=policy.longest_minutes),
        lead=timedelta(minutes=policy.lead_minutes),
        horizon=timedelta(days=policy.horizon_days),
        buffer_before=timedelta(minutes=policy.buffer_before_minutes),
        buffer_after=timedelta(minutes=policy.buffer_after_minutes),
        needs_approval=policy.needs_approval,
        needs_training=policy.needs_training,
    )


def person_before(instrument: Instrument, user: User) -> Person:
    """The memberships, training and duties that count at this instrument, in one statement."""
    belongings = (
        Membership.objects.standing()
        .filter(person=OuterRef("pk"))
        .values(row=JSONObject(organisation="organisation_id", kind="organisation__kind", state="state"))
    )
    roles = FacilityRole.objects.standing(timezone.localdate()).at(instrument.facility)
    row = (
        User.objects.filter(pk=user.pk)
        .annotate(
            belongings=ArraySubquery(belongings),
            trained=Exists(Training.objects.filter(user=OuterRef("pk"), instrument=instrument)),
            runs_it=Exists(roles.filter(user=OuterRef("pk"))),
        )
        .values_list("belongings", "trained", "runs_it")
        .get()
    )
    known = [Belonging(UUID(each["organisation"]), each["kind"], each["state"]) for each in row[0]]
    return Person(known, trained=row[1], runs_it=row[2])


def circumstances_of(instrument: Instrument, *, user: User, interval: Interval, now: datetime) -> Circumstances:
    """Everything that bears on the wish of `user` to have `instrument` for `interval`.

    `instrument` comes from `with_terms` and is locked. Two statements.
    """
    terms = terms_of(instrument)
    claims = Claim.objects.filter(instrument=instrument, unit=1)
    person = person_before(instrument, user)
    asks_as = audiences_of(person.belongings, owner_id=instrument.facility.organisation_id)
    return Circumstances(
        now=now,
        interval=interval,
        terms=terms,
        status=instrument.status,
        booked_where=instrument.booked_where,
        shared_with=frozenset(instrument.sharing),
        asks_as=frozenset(asks_as),
        runs_it=person.runs_it,
        trained=person.trained,
        taken=tuple(claims.overlapping(terms.held_for(interval)).intervals()),
    )
