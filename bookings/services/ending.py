"""The end of an instrument's record: retired for good, or merged into the one that it turned out to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import NO_OVERLAP, Booking, Change, Claim, Fault, Feed, Training, TrainingRequest, UsageRecord
from bookings.services.book import SLOT_TAKEN
from bookings.services.decide import reason_given
from bookings.services.gather import with_terms
from bookings.services.release import call_off
from bookings.states import IS_COMING, CancelledAs, RequestState, State
from common.db import violation_means
from common.errors import Refusal, Refused, WrongInput
from instruments.models import Instrument, TestItem
from instruments.permissions import refuse_unless_may_edit
from instruments.services import put_away
from instruments.states import Status

RETIRED_ALREADY = Refusal("retired", _("This instrument is retired already."))
IN_USE = Refusal("in_use", _("Somebody is using it: check them out first."))
HELD_FOR_ANOTHER = Refusal("held_for", _("Time on it is held for a course or an order: change that first."))
ITSELF = Refusal("same_instrument", _("An instrument is not merged into itself."), "into")
ELSEWHERE = Refusal("other_organisation", _("Only instruments of one institution are merged."), "into")


@dataclass(frozen=True)
class Consequences:
    """What retiring an instrument, or merging it into another, would do."""

    cancelled: list[Booking] = field(default_factory=list)
    clashing: list[Booking] = field(default_factory=list)
    test_items: list[TestItem] = field(default_factory=list)
    bookings: int = 0
    records: int = 0
    trainings: int = 0


def consequences_of_retiring(instrument: Instrument) -> Consequences:
    """The bookings that would be cancelled, and the test items that would lose the instrument."""
    return Consequences(
        cancelled=list(_coming_on(instrument).with_everything().order_by("starts_at")),
        test_items=list(instrument.test_items.order_by("name_zh")),
    )


def consequences_of_merging(instrument: Instrument, *, into: Instrument) -> Consequences:
    """How much would go over, and the bookings that are in each other's way."""
    clashing = _clashing(instrument, into).filter(ends_at__gt=timezone.now()).values("booking")
    return Consequences(
        clashing=list(Booking.objects.filter(pk__in=clashing).with_everything().order_by("starts_at")),
        test_items=list(instrument.test_items.order_by("name_zh")),
        bookings=instrument.bookings.count(),
        records=instrument.usage.count(),
        trainings=instrument.trainings.count(),
    )


@transaction.atomic
def retire(instrument: Instrument, *, by: User, reason: str) -> Instrument:
    """Take an instrument out of the catalogue for good; its coming bookings are cancelled, and everybody is told why.

    Its past, its logbook and its history stay. Raises Refused while somebody uses it, or while its time is held for
    a course or an order.
    """
    instrument = with_terms(Instrument.objects.all()).lock(instrument.slug)
    refuse_unless_may_edit(by, instrument.facility)
    reason = reason_given(reason, _("Say why: somebody counts on this instrument."))
    if instrument.status == Status.RETIRED:
        raise Refused([RETIRED_ALREADY])
    _refuse_unless_free_to_go(instrument)
    for booking in _coming_on(instrument).with_everything().select_for_update(of=("self",), no_key=True):
        call_off(booking, CancelledAs.BY_LAB, by=by, reason=reason, tell_the_lab=False)
    return put_away(instrument)


@transaction.atomic
def merge(instrument: Instrument, *, into: Instrument, by: User) -> Instrument:
    """Join a record that was entered twice: bookings, logbook, faults, trainings and test items go over to `into`.

    The rules and hours of `into` hold from then on; the old address leads there. Where two bookings that are over
    covered the same time, both stay in the books and that of `into` alone holds it. Raises Refused with the coming
    bookings that are in each other's way (`hits`).
    """
    pair = with_terms(Instrument.objects.filter(pk__in=[instrument.pk, into.pk])).order_by("pk")
    found = {each.pk: each for each in pair.select_for_update(of=("self",), no_key=True)}
    instrument, into = found[instrument.pk], found[into.pk]
    refuse_unless_may_edit(by, instrument.facility, into.facility)
    _refuse_merging(instrument, into)
    _clashing(instrument, into).filter(ends_at__lte=timezone.now()).delete()
    with violation_means(NO_OVERLAP, Refused([SLOT_TAKEN])):
        Claim.objects.filter(instrument=instrument).update(instrument=into)
    instrument.bookings.update(instrument=into, version=F("version") + 1)
    Change.objects.filter(was_instrument=instrument).update(was_instrument=into)
    for model in (Change, UsageRecord, Fault, Feed):
        model._default_manager.filter(instrument=instrument).update(instrument=into)
    _hand_over_trainings(instrument, into)
    for item in instrument.test_items.all():
        item.instruments.add(into)
    return put_away(instrument, merged_into=into)


def _coming_on(instrument: Instrument) -> Any:
    return Booking.objects.filter(instrument=instrument, state__in=IS_COMING, ends_at__gt=timezone.now())


def _refuse_unless_free_to_go(instrument: Instrument) -> None:
    coming = _coming_on(instrument)
    refusals = [IN_USE] if coming.filter(state=State.IN_USE).exists() else []
    refusals += [HELD_FOR_ANOTHER] if coming.exclude(held_for="").exists() else []
    if refusals:
        raise Refused(refusals)


def _refuse_merging(instrument: Instrument, into: Instrument) -> None:
    if instrument.pk == into.pk:
        raise Refused([ITSELF])
    if instrument.facility.organisation_id != into.facility.organisation_id:
        raise Refused([ELSEWHERE])
    if into.status == Status.RETIRED:
        raise WrongInput("into", "retired", _("The other instrument is retired."))
    if instrument.merged_into_id:
        raise Refused([RETIRED_ALREADY])
    hits = consequences_of_merging(instrument, into=into).clashing
    if hits:
        refusal = Refusal("slot_taken", _("Bookings of the two are in each other's way: move or cancel them first."))
        raise Refused([refusal], hits=[str(each.pk) for each in hits])


def _clashing(instrument: Instrument, into: Instrument) -> Any:
    """The one's claims that share time with a claim on the other."""
    shared = {"unit": OuterRef("unit"), "starts_at__lt": OuterRef("ends_at"), "ends_at__gt": OuterRef("starts_at")}
    return Claim.objects.filter(Exists(Claim.objects.filter(instrument=into, **shared)), instrument=instrument)


def _hand_over_trainings(old: Instrument, new: Instrument) -> None:
    """Of two trainings of one person the higher counts, and of two as high the one that lasts longer."""
    known = {each.user_id: each for each in Training.objects.filter(instrument=new)}
    for training in Training.objects.filter(instrument=old):
        other = known.get(training.user_id)
        if other and _rank(other) >= _rank(training):
            training.delete()
            continue
        if other:
            other.delete()
        training.instrument = new
        training.save(update_fields=["instrument"])
    asked = TrainingRequest.objects.filter(instrument=new, state=RequestState.WAITING).values("user")
    TrainingRequest.objects.filter(user__in=asked, instrument=old, state=RequestState.WAITING).delete()
    TrainingRequest.objects.filter(instrument=old).update(instrument=new)


def _rank(training: Training) -> tuple[int, bool, float]:
    until = training.expires_at
    return training.level, until is None, until.timestamp() if until else 0.0
