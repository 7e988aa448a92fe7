"""The days of a session: who is there, who was, and what the children take home."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused
from outreach.models import Certificate, CheckIn, Enrolment, Session
from outreach.permissions import may_run
from outreach.services.news import tell_guardian
from outreach.services.turn import locked, refuse_state, turn, turn_session
from outreach.states import STANDS, EnrolmentState, SessionState

NOT_TODAY = Refusal("not_today", _("This is no day of the session."))


@transaction.atomic
def check_in(enrolment: Enrolment, *, by: User) -> CheckIn:
    """A child is there today; a second time on a day changes nothing. Mentors and coordinators do it."""
    enrolment = locked(enrolment)
    if not may_run(by, enrolment.session):
        raise NotAllowed(_("Only the session's mentors and coordinators check children in."))
    today = timezone.localdate()
    if enrolment.state not in {EnrolmentState.PAID, EnrolmentState.ATTENDED, EnrolmentState.NO_SHOW}:
        refuse_state(enrolment)
    if today not in enrolment.session.days:
        raise Refused([NOT_TODAY])
    if enrolment.state != EnrolmentState.ATTENDED:
        turn(enrolment, EnrolmentState.ATTENDED)
    found, _new = CheckIn.objects.get_or_create(enrolment=enrolment, day=today, defaults={"by": by})
    return found


def complete_past(*, now: datetime) -> int:
    """Sessions whose time is over: who never came is noted, certificates are made, the retention clock starts."""
    return sum(_complete(each, now=now) for each in Session.objects.to_be_completed(now))


@transaction.atomic
def _complete(session: Session, *, now: datetime) -> bool:
    session = Session.objects.lock(session.pk)
    if session.state != SessionState.PUBLISHED or session.ends_at > now:
        return False
    for enrolment in session.enrolments.filter(state__in=sorted(STANDS)).with_everything():
        enrolment.session = session
        if enrolment.state == EnrolmentState.PAID:
            turn(enrolment, EnrolmentState.NO_SHOW)
        elif enrolment.state == EnrolmentState.ATTENDED:
            _certify(enrolment)
        elif enrolment.state != EnrolmentState.NO_SHOW:
            turn(enrolment, EnrolmentState.LAPSED)
    keep = timedelta(days=session.programme.keep_days)
    turn_session(session, SessionState.COMPLETED, erase_on=session.days[-1] + keep, flagged_at=None)
    return True


def _certify(enrolment: Enrolment) -> Certificate:
    days = enrolment.check_ins.count()
    kept = {"initials": enrolment.child.initials, "days": days}
    certificate, new = Certificate.objects.get_or_create(enrolment=enrolment, defaults=kept)
    if new:
        until = enrolment.session.days[-1] + timedelta(days=enrolment.session.programme.keep_days)
        tell_guardian(enrolment, "youth_certificate", until=until)
    return certificate
