"""How a place is given up, taken away or lost; each time the next in line hears of it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused
from common.text import tidy
from outreach.models import Consent, Enrolment, Session
from outreach.permissions import answers_for, may_coordinate
from outreach.rules import refund_percent
from outreach.services.money import give_back
from outreach.services.news import tell_guardian
from outreach.services.turn import locked, offer_places, refuse_state, turn
from outreach.states import IS_COMING, EnrolmentState

BEGUN = Refusal("begun", _("The session has begun: a place is no longer given back."))
ALL = 100


@transaction.atomic
def cancel_enrolment(enrolment: Enrolment, *, by: User, reason: str = "") -> Enrolment:
    """Give a place back: a guardian by the refund table, the organiser with the whole fee."""
    enrolment, now = locked(enrolment), timezone.now()
    is_guardian = answers_for(by, enrolment.child)
    if not is_guardian and not may_coordinate(by, enrolment.session.programme.organisation):
        raise NotAllowed(_("Only the child's guardians and the coordinators may do this."))
    if enrolment.state not in IS_COMING:
        refuse_state(enrolment)
    if enrolment.starts_at <= now:
        raise Refused([BEGUN])
    percent = refund_if_cancelled(enrolment, on=now) if is_guardian else ALL
    return called_off(enrolment, by=by, now=now, percent=percent, reason=reason)


@transaction.atomic
def withdraw_consent(enrolment: Enrolment, *, by: User) -> Enrolment:
    """A guardian takes the consent back, at any time: before the session this gives the place back too."""
    enrolment, now = locked(enrolment), timezone.now()
    if not answers_for(by, enrolment.child):
        raise NotAllowed(_("Only the child's guardians may do this."))
    given = enrolment.consent
    if given is None or given.withdrawn_at:
        refuse_state(enrolment)
    else:
        Consent.objects.filter(pk=given.pk).update(withdrawn_at=now)
    if enrolment.state not in IS_COMING:
        return enrolment
    return called_off(enrolment, by=by, now=now, percent=refund_if_cancelled(enrolment, on=now), reason="")


def refund_if_cancelled(enrolment: Enrolment, *, on: datetime) -> int:
    """How much of the fee a guardian would get back, in percent."""
    table = enrolment.session.programme.refund_table
    return refund_percent(table, first_day=enrolment.session.first_day, on=timezone.localtime(on).date())


def called_off(
    enrolment: Enrolment, *, by: User | None, now: datetime, percent: int, reason: str, offers: bool = True
) -> Enrolment:
    """Cancel an enrolment that the caller has locked and judged."""
    refunded = give_back(enrolment, percent, by=by)
    kept = {"cancelled_at": now, "cancelled_by": by, "reason": tidy(reason)[:500], "refunded": refunded}
    turn(enrolment, EnrolmentState.CANCELLED, **kept)
    tell_guardian(enrolment, "youth_cancelled", by_guardian=bool(by and by.pk == enrolment.guardian_id))
    if offers:
        offer_places(enrolment.session, now=now)
    return enrolment


def lapse_due(*, now: datetime) -> int:
    """What was not answered, consented to or paid in time goes to the next; returns how many lapsed."""
    waiting = Enrolment.objects.in_line().filter(starts_at__lte=now)
    late = [*Enrolment.objects.lapsed(now).order_by("expires_at"), *waiting]
    return sum(_lapse(each, now=now) for each in late)


@transaction.atomic
def _lapse(enrolment: Enrolment, *, now: datetime) -> bool:
    enrolment = locked(enrolment)
    is_late = bool(enrolment.expires_at and enrolment.expires_at <= now)
    never_came = enrolment.state == EnrolmentState.WAITLISTED and enrolment.starts_at <= now
    if not is_late and not never_came:
        return False
    turn(enrolment, EnrolmentState.LAPSED)
    if is_late:
        tell_guardian(enrolment, "youth_lapsed")
    offer_places(enrolment.session, now=now)
    return True


@transaction.atomic
def offer_what_is_free(session: Session) -> list[Enrolment]:
    """After a session got more places: offer them."""
    return offer_places(Session.objects.lock(session.pk), now=timezone.now())
