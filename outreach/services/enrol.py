"""From the wish for a place to a paid one."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.db import violations_mean
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from notifications.states import EventKind
from outreach.models import Child, Consent, ConsentText, Enrolment, Session
from outreach.permissions import answers_for, may_record_payment
from outreach.rules import due, objections_to_enrolment, room_for
from outreach.services.facts import current_text, enrolment_facts, session_facts
from outreach.services.money import charge_and_pay, price_of
from outreach.services.news import broadcast, tell_guardian
from outreach.services.turn import RACES, count, locked, offer_places, refuse_state, turn, write_session
from outreach.states import IS_CONFIRMED, RECORDED_BY_FINANCE, EnrolmentState, PaidHow

OFFER_OVER = Refusal("offer_over", _("The time to answer is over: the place went to the next in line."))
CONSENT_OUTDATED = Refusal(
    "consent_outdated", _("The text has been changed since you opened this page: read the new version."), "text"
)
CONSENT_MISSING = Refusal("consent_missing", _("Nothing is confirmed without a guardian's consent."))
TOO_FEW_MENTORS = Refusal(
    "too_few_mentors", _("There are too few mentors for one more child; the coordinators have to see to it first.")
)
PAID_ALREADY = Refusal("paid_already", _("This place is paid already."))
ONLY_GUARDIANS = _("Only the child's guardians may do this.")


@transaction.atomic
def enrol(session_id: UUID, *, by: User, child: Child) -> Enrolment:
    """A place for a child of `by`: at once while there is room and nobody waits, else the next number in the line.

    Raises Session.DoesNotExist for what `by` may not see, and Refused with every reason.
    """
    now = timezone.now()
    session = Session.objects.visible_to(by).lock(session_id)
    if child.erased_at or not answers_for(by, child):
        raise NotAllowed(ONLY_GUARDIANS)
    refuse_if(objections_to_enrolment(enrolment_facts(session, child, now=now)))
    has_room = session.taken < session.places and not Enrolment.objects.filter(session=session).in_line().exists()
    price = price_of(session.programme)
    enrolment = Enrolment(
        session=session,
        child=child,
        guardian=by,
        state=EnrolmentState.AWAITING_CONSENT if has_room else EnrolmentState.WAITLISTED,
        expires_at=due(now, session.programme.offer_hours, begins=session.starts_at) if has_room else None,
        place_in_line=session.last_in_line + 1,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        price=price,
        fee=session.programme.fee,
    )
    with violations_mean(RACES):
        enrolment.save(force_insert=True)
    write_session(session, last_in_line=enrolment.place_in_line)
    if has_room:
        count(session, 1)
    tell_guardian(enrolment, "youth_enrolled" if has_room else "youth_waitlisted")
    broadcast(enrolment, EventKind.ENROLMENT_MADE)
    return enrolment


@transaction.atomic
def accept(enrolment: Enrolment, *, by: User) -> Enrolment:
    """Take an offered place; consent comes next, by the same kind of clock."""
    enrolment, now = _of_guardian(enrolment, by), timezone.now()
    if enrolment.state != EnrolmentState.OFFERED:
        refuse_state(enrolment)
    _refuse_late(enrolment, now)
    session = enrolment.session
    until = due(now, session.programme.offer_hours, begins=session.starts_at)
    return turn(enrolment, EnrolmentState.AWAITING_CONSENT, expires_at=until)


@transaction.atomic
def consent(enrolment: Enrolment, *, by: User, text: ConsentText | UUID) -> Enrolment:
    """A guardian consents to the current version of the text: the place is confirmed, and waits for its payment.

    An offered place is taken by it. Nothing is confirmed beyond what the mentors with a valid check may guide.
    """
    enrolment, now = _of_guardian(enrolment, by), timezone.now()
    if enrolment.state not in {EnrolmentState.OFFERED, EnrolmentState.AWAITING_CONSENT}:
        refuse_state(enrolment)
    _refuse_late(enrolment, now)
    session = enrolment.session
    current = current_text(session.programme)
    if current is None or current.pk != getattr(text, "pk", text):
        raise Refused([CONSENT_OUTDATED])
    confirmed = Enrolment.objects.filter(session=session, state__in=sorted(IS_CONFIRMED)).count()
    refuse_if([TOO_FEW_MENTORS] if confirmed >= room_for(session_facts(session, now=now)) else [])
    if enrolment.state == EnrolmentState.OFFERED:
        turn(enrolment, EnrolmentState.AWAITING_CONSENT)
    given = Consent.objects.create(enrolment=enrolment, text=current, given=True, by=by, at=now)
    until = due(now, session.programme.pay_hours, begins=session.starts_at)
    turn(enrolment, EnrolmentState.CONFIRMED, consent=given, expires_at=until)
    if enrolment.fee:
        tell_guardian(enrolment, "youth_confirmed")
        return enrolment
    return _paid(enrolment, PaidHow.FREE, by=by, now=now)


@transaction.atomic
def refuse_consent(enrolment: Enrolment, *, by: User) -> Enrolment:
    """A guardian does not consent: the child's place goes to the next, and nothing is owed."""
    enrolment, now = _of_guardian(enrolment, by), timezone.now()
    if enrolment.state not in {EnrolmentState.OFFERED, EnrolmentState.AWAITING_CONSENT}:
        refuse_state(enrolment)
    current = current_text(enrolment.session.programme)
    assert current is not None  # nothing is published without one
    Consent.objects.create(enrolment=enrolment, text=current, given=False, by=by, at=now)
    turn(enrolment, EnrolmentState.CANCELLED, cancelled_at=now, cancelled_by=by)
    offer_places(enrolment.session, now=now)
    return enrolment


@transaction.atomic
def pay(enrolment: Enrolment, *, by: User, how: str, reference: str = "") -> Enrolment:
    """The fee has come in: by the simulator (by a guardian), or as finance saw it at the desk or on the account."""
    enrolment, now = locked(enrolment), timezone.now()
    if how == PaidHow.SIMULATOR:
        if not answers_for(by, enrolment.child):
            raise NotAllowed(ONLY_GUARDIANS)
    elif how not in RECORDED_BY_FINANCE:
        raise WrongInput("how", "invalid", _("Choose how it was paid."))
    elif not may_record_payment(by, enrolment.session.programme.organisation):
        raise NotAllowed(_("Only finance officers and coordinators record payments."))
    if enrolment.paid_at:
        raise Refused([PAID_ALREADY])
    if enrolment.state != EnrolmentState.CONFIRMED:
        refuse_state(enrolment)
    if how == PaidHow.SIMULATOR:
        _refuse_late(enrolment, now)
    return _paid(enrolment, PaidHow(how), by=by, now=now, reference=tidy(reference)[:80])


def _paid(enrolment: Enrolment, how: PaidHow, *, by: User, now: datetime, reference: str = "") -> Enrolment:
    consent_given = enrolment.consent
    if consent_given is None or not consent_given.given or consent_given.withdrawn_at:
        raise Refused([CONSENT_MISSING])
    charge = charge_and_pay(enrolment, by=by, how=how, reference=reference)
    turn(enrolment, EnrolmentState.PAID, paid_at=now, paid_how=how, paid_reference=reference, charge=charge)
    tell_guardian(enrolment, "youth_paid")
    return enrolment


def _of_guardian(enrolment: Enrolment, by: User) -> Enrolment:
    enrolment = locked(enrolment)
    if not answers_for(by, enrolment.child):
        raise NotAllowed(ONLY_GUARDIANS)
    return enrolment


def _refuse_late(enrolment: Enrolment, now: datetime) -> None:
    """What is late and not yet swept up is late all the same."""
    if enrolment.expires_at and enrolment.expires_at <= now:
        raise Refused([OFFER_OVER])
