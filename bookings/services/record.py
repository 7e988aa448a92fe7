"""Use that no check-in recorded: walk-ins, the own group's work, samples, old logbooks; and what went wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup, User
from bookings.models import Booking, Fault, TrainingRequest, UsageRecord
from bookings.states import RequestState, Source, State
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.interval import Interval
from common.text import tidy
from instruments.models import Facility, Instrument
from instruments.permissions import runs

LONGEST_USE = timedelta(days=31)
MISSED_LATELY = timedelta(days=14)
REFERENCE_USED = Refusal("external_ref_used", _("This external_ref of yours belongs to another record."))
SETTLED = Refusal("settled", _("This problem is settled already."))


@transaction.atomic
def record_use(
    instrument: Instrument,
    *,
    by: User,
    interval: Interval,
    user: User | None = None,
    user_name: str = "",
    group: UUID | None = None,
    samples: int | None = None,
    source: str = Source.ENTERED,
    reason: str = "",
    note: str = "",
    problem: str = "",
    external_ref: str = "",
    booking: Booking | None = None,
) -> UsageRecord:
    """Write down a use that is over, of somebody or of a research group of the instrument's institution.

    Raises NotAllowed for strangers, WrongInput for times that cannot be and for a group that is elsewhere.
    """
    _refuse_unless_runs(by, instrument.facility)
    refuse_times(interval, now=timezone.now())
    if booking is not None and booking.instrument_id != instrument.pk:
        raise WrongInput("booking", "invalid", _("This booking is of another instrument."))
    if group and not groups_at(instrument).filter(pk=group).exists():
        raise WrongInput("group", "invalid", _("This is no research group of the instrument's institution."))
    with violation_means("usage_external_ref_once", Refused([REFERENCE_USED])):
        return UsageRecord.objects.create(
            instrument=instrument,
            booking=booking,
            user=user,
            user_name=tidy(user_name)[:80],
            group_id=group,
            starts_at=interval.start,
            ends_at=interval.end,
            samples=samples,
            source=source,
            reason=tidy(reason)[:200],
            note=tidy(note)[:500],
            problem=tidy(problem)[:500],
            external_ref=external_ref,
            entered_by=by,
        )


def groups_at(instrument: Instrument) -> QuerySet[ResearchGroup]:
    """The research groups whose use of an instrument is written down: those of its institution."""
    return ResearchGroup.objects.filter(organisation=instrument.facility.organisation_id).order_by("name_zh")


def refuse_times(interval: Interval, *, now: datetime) -> None:
    """Use lies in the past and lasts at most 31 days."""
    if interval.end > now + timedelta(minutes=1):
        raise WrongInput("end", "future", _("Only use that is over is recorded."))
    if interval.length > LONGEST_USE:
        raise WrongInput("end", "too_long", _("One record covers at most 31 days."))


@transaction.atomic
def walk_in(instrument: Instrument, *, by: User, user: User | None = None, user_name: str = "") -> UsageRecord:
    """Somebody uses the instrument now, without a booking; it ends by `end_walk_in`."""
    _refuse_unless_runs(by, instrument.facility)
    if user is None and not tidy(user_name):
        raise WrongInput("user_name", "required", _("Say who uses it."))
    Instrument.objects.lock(instrument.slug)
    if UsageRecord.objects.running().filter(instrument=instrument).exists():
        raise Refused([Refusal("occupied", _("Somebody is checked in here already."))])
    return UsageRecord.objects.create(
        instrument=instrument,
        user=user,
        user_name=tidy(user_name)[:80],
        starts_at=timezone.now(),
        source=Source.CHECK_IN,
        entered_by=by,
    )


@transaction.atomic
def end_walk_in(record: UsageRecord, *, by: User, samples: int | None = None, problem: str = "") -> UsageRecord:
    """The walk-in is over."""
    record = (
        UsageRecord.objects.select_for_update(of=("self",)).select_related("instrument__facility").get(pk=record.pk)
    )
    _refuse_unless_runs(by, record.instrument.facility)
    if record.ends_at or record.booking_id:
        raise Refused([Refusal("ended", _("This use is over already, or belongs to a booking."))])
    record.ends_at = max(timezone.now(), record.starts_at + timedelta(seconds=1))
    record.samples, record.problem = samples, tidy(problem)[:500]
    record.save(update_fields=["ends_at", "samples", "problem"])
    return record


@dataclass(frozen=True)
class Problem:
    """One line of the problem queue: what it is, when, and the object that it is about."""

    kind: str
    at: datetime
    about: UsageRecord | Booking | Fault


def problems_at(facility: Facility, *, now: datetime) -> list[Problem]:
    """What a laboratory should look at: complaints, open faults, overruns, recent no-shows; the newest first."""
    here = {"instrument__facility": facility}
    complaints = UsageRecord.objects.with_problems().filter(**here).select_related("instrument", "user", "booking")
    faults = Fault.objects.open().filter(**here).select_related("instrument", "reported_by")
    over = Booking.objects.overrunning(now).filter(**here).with_everything()
    missed = Booking.objects.filter(state=State.NO_SHOW, starts_at__gte=now - MISSED_LATELY, **here).with_everything()
    found = [
        *(Problem("complaint", each.starts_at, each) for each in complaints[:100]),
        *(Problem("fault", each.reported_at, each) for each in faults[:100]),
        *(Problem("overrun", each.ends_at, each) for each in over[:100]),
        *(Problem("no_show", each.starts_at, each) for each in missed[:100]),
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


@dataclass(frozen=True)
class Attention:
    """How much waits at a facility: requests for this reader, complaints and the like, open faults, trainings asked."""

    requests: int
    problems: int
    faults: int
    trainings: int


def attention_at(facilities: Iterable[Facility], *, of: User, now: datetime) -> dict[Any, Attention]:
    """What waits at each of these facilities, by their ids; a fixed number of statements."""
    wanted = list(facilities)
    here = {"instrument__facility__in": wanted}
    missed = Booking.objects.filter(state=State.NO_SHOW, starts_at__gte=now - MISSED_LATELY)
    waiting = Booking.objects.needing_decision_of(of)
    asked = TrainingRequest.objects.filter(state=RequestState.WAITING)
    rows: dict[str, list[QuerySet[Any]]] = {
        "requests": [waiting],
        "problems": [UsageRecord.objects.with_problems(), Booking.objects.overrunning(now), missed],
        "faults": [Fault.objects.open()],
        "trainings": [asked],
    }
    found: dict[Any, dict[str, int]] = {each.pk: dict.fromkeys(rows, 0) for each in wanted}
    for name, sources in rows.items():
        for source in sources:
            counted = source.filter(**here).order_by().values_list("instrument__facility").annotate(n=Count("pk"))
            for facility, n in counted:
                found[facility][name] += n
    return {pk: Attention(**each) for pk, each in found.items()}


@transaction.atomic
def settle(record: UsageRecord, *, by: User) -> UsageRecord:
    """A complaint was dealt with."""
    record = (
        UsageRecord.objects.select_for_update(of=("self",)).select_related("instrument__facility").get(pk=record.pk)
    )
    _refuse_unless_runs(by, record.instrument.facility)
    if record.settled_at:
        raise Refused([SETTLED])
    record.settled_at, record.settled_by = timezone.now(), by
    record.save(update_fields=["settled_at", "settled_by"])
    return record


def _refuse_unless_runs(by: User, facility: Facility) -> None:
    if not runs(by, facility):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
