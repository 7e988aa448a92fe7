"""Who was shown how: granting, asking for it, and saying when it lapses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import is_officer, may_govern
from bookings.models import Training, TrainingNeed, TrainingRequest
from bookings.services.decide import reason_given
from bookings.services.gather import needs_of, person_before, terms_of, with_terms
from bookings.states import RequestState, TrainingLevel
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from instruments.models import Facility, FacilityRole, Instrument
from instruments.permissions import runs
from notifications.services import tell

LAPSES_SOON = timedelta(days=30)
LONGEST_VALID = timedelta(days=3660)
ASKED_ALREADY = Refusal("training_asked", _("You have asked for this training already; the laboratory will answer."))
TRAINED_ALREADY = Refusal("trained", _("You are trained on this instrument already."))

Place = Instrument | Facility | Organisation | None


def columns_of(place: Place) -> dict[str, Any]:
    """Where a training counts, as columns; None is the whole city."""
    return {
        "instrument": place if isinstance(place, Instrument) else None,
        "facility": place if isinstance(place, Facility) else None,
        "organisation": place if isinstance(place, Organisation) else None,
    }


def may_train(user: User, place: Place) -> bool:
    """Operators and lab admins for an instrument or a facility, an institution's admins for it, officers for all."""
    if isinstance(place, Instrument):
        return runs(user, place.facility)
    if isinstance(place, Facility):
        return runs(user, place)
    return may_govern(user, place) if place else is_officer(user)


@transaction.atomic
def grant_training(
    user: User, *, on: Place, by: User, level: int = TrainingLevel.INDEPENDENT, until: datetime | None = None
) -> Training:
    """Write down that `user` was trained, or train them further; answers what they asked for.

    Raises NotAllowed when `by` may not say so, WrongInput when `until` is past or ten years away.
    """
    if not may_train(by, on):
        raise NotAllowed(_("Only operators and admins of that place write down trainings."))
    if level not in TrainingLevel.values or level == TrainingLevel.NONE:
        raise WrongInput("level", "invalid", _("There is no such level of training."))
    now = timezone.now()
    if until is not None and not now < until < now + LONGEST_VALID:
        raise WrongInput("until", "out_of_range", _("The last day must lie within the next ten years."))
    training, _made = Training.objects.update_or_create(
        user=user,
        **columns_of(on),
        defaults={"level": level, "expires_at": until, "granted_by": by, "granted_at": now, "reminded_at": None},
    )
    if isinstance(on, Instrument):
        asked = TrainingRequest.objects.filter(user=user, instrument=on, state=RequestState.WAITING)
        asked.update(state=RequestState.GRANTED, decided_by=by, decided_at=now)
    tell("training_granted", to=[user], about=training, occasion=now.isoformat())
    return training


@transaction.atomic
def end_training(training: Training, *, by: User) -> None:
    """Take a training back at once: coming bookings stand, new ones are refused."""
    if not may_train(by, training.place):
        raise NotAllowed(_("Only operators and admins of that place write down trainings."))
    tell("training_ended", to=[training.user], about=training, occasion=timezone.now().isoformat())
    training.delete()


@transaction.atomic
def ask_for_training(instrument: Instrument, *, by: User, note: str = "") -> TrainingRequest:
    """Tell the people who run an instrument that one wants to learn it."""
    now = timezone.now()
    found = with_terms(Instrument.objects.filter(pk=instrument.pk)).get()
    person = person_before(found, by, now=now)
    lacks = person.lacks(needs_of(found, terms_of(found, person.category_at(found))))
    if not lacks and Training.objects.live(now).filter(user=by, instrument=instrument).exists():
        raise Refused([TRAINED_ALREADY])
    with violation_means("training_asked_once", Refused([ASKED_ALREADY])):
        request = TrainingRequest.objects.create(user=by, instrument=instrument, note=tidy(note)[:500])
    roles = FacilityRole.objects.at(instrument.facility).standing(timezone.localdate()).people().select_related("user")
    tell("training_asked", to={role.user for role in roles}, about=request)
    return request


@transaction.atomic
def decline_training(request: TrainingRequest, *, by: User, reason: str) -> TrainingRequest:
    """Say no to a request, and why."""
    request = TrainingRequest.objects.select_for_update(of=("self",)).select_related("instrument").get(pk=request.pk)
    if not may_train(by, request.instrument):
        raise NotAllowed(_("Only operators and admins of that place write down trainings."))
    reason = reason_given(reason, _("Say why, so that the requester can do better next time."))
    if request.state != RequestState.WAITING:
        raise Refused([Refusal("answered", _("This request was answered already."))])
    request.state, request.reason = RequestState.DECLINED, reason
    request.decided_by, request.decided_at = by, timezone.now()
    request.save()
    tell("training_declined", to=[request.user], about=request)
    return request


@transaction.atomic
def set_training_need(place: Facility | Organisation | None, *, by: User, **fields: Any) -> TrainingNeed:
    """Say that everybody needs a training first, at a facility, an institution or in the whole city."""
    if not may_train(by, place):
        raise NotAllowed(_("Only operators and admins of that place write down trainings."))
    columns = {name: value for name, value in columns_of(place).items() if name != "instrument"}
    need = training_need_of(place) or TrainingNeed(**columns)
    for name, value in fields.items():
        setattr(need, name, value)
    need.full_clean()
    need.save()
    return need


@transaction.atomic
def drop_training_need(place: Facility | Organisation | None, *, by: User) -> None:
    """Nobody needs a training first any more."""
    if not may_train(by, place):
        raise NotAllowed(_("Only operators and admins of that place write down trainings."))
    if need := training_need_of(place):
        need.delete()


def training_need_of(place: Place) -> TrainingNeed | None:
    """What everybody needs first at a facility, an institution, or (None) in the city."""
    if isinstance(place, Instrument):
        return None
    columns = {name: value for name, value in columns_of(place).items() if name != "instrument"}
    return TrainingNeed.objects.filter(**columns).first()


@transaction.atomic
def remind_of_lapsing(*, now: datetime) -> int:
    """Tell people a month before a training lapses, once; returns how many."""
    due = Training.objects.lapsing(now, lead=LAPSES_SOON).select_related("user", "instrument__facility")
    rows = due.select_for_update(skip_locked=True, of=("self",))[:200]
    for training in rows:
        training.reminded_at = now
        training.save(update_fields=["reminded_at"])
        tell("training_lapses", to=[training.user], about=training, occasion=f"{training.expires_at:%Y-%m-%d}")
    return len(rows)
