"""Mentors: who they are, when their background was checked, which sessions they guide."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from common.db import violation_means
from common.errors import Refusal, Refused, WrongInput, refuse_if
from common.interval import Interval
from outreach.models import MENTOR_FREE, Mentor, MentorAssignment, Session
from outreach.permissions import refuse_unless_coordinator
from outreach.rules import objections_of_safety
from outreach.services.facts import session_facts
from outreach.services.news import tell_mentor
from outreach.states import SessionState

MENTOR_BUSY = Refusal("mentor_busy", _("At this time the mentor guides another session."), "mentor")
NOT_A_MEMBER = WrongInput("email", "unknown", _("Nobody with this address belongs to the organisation."))


@transaction.atomic
def enter_mentor(organisation: Organisation, *, by: User, email: str, checked_on: date | None = None) -> Mentor:
    """Somebody of the organisation may guide young people, or their background was checked anew (the day only)."""
    refuse_unless_coordinator(by, organisation)
    if checked_on and checked_on > timezone.localdate():
        raise WrongInput("checked_on", "future", _("The check cannot lie in the future."))
    standing = organisation.memberships.confirmed().filter(person__email=email.strip().lower())
    membership = standing.select_related("person").first()
    if membership is None:
        raise NOT_A_MEMBER
    checked = {"checked_on": checked_on, "checked_by": by if checked_on else None}
    mentor, _new = Mentor.objects.update_or_create(
        organisation=organisation, user=membership.person, defaults=checked if checked_on else {}
    )
    return mentor


@transaction.atomic
def assign(session: Session, mentor: Mentor, *, by: User, interval: Interval | None = None) -> MentorAssignment:
    """A mentor guides a session, or a part of it; nobody guides in two places at once."""
    session = Session.objects.lock(session.pk)
    refuse_unless_coordinator(by, session.programme.organisation)
    interval = interval or session.interval
    if mentor.organisation_id != session.programme.organisation_id or not session.interval.contains(interval):
        raise WrongInput("mentor", "invalid", _("Choose a mentor of the organisation, within the session."))
    with violation_means(MENTOR_FREE, Refused([MENTOR_BUSY])):
        assignment = MentorAssignment.objects.create(
            session=session, mentor=mentor, person=mentor.user, starts_at=interval.start, ends_at=interval.end
        )
    if mentor.user_id != by.pk:
        tell_mentor(session, mentor.user, occasion=str(assignment.pk))
    return assignment


@transaction.atomic
def assign_by_mail(session: Session, *, by: User, email: str, checked_on: date | None = None) -> Mentor:
    """Enter somebody as a mentor, or the day of a newer check, and let them guide the session if they do not yet."""
    mentor = enter_mentor(session.programme.organisation, by=by, email=email, checked_on=checked_on)
    if not session.assignments.filter(mentor=mentor).exists():
        assign(session, mentor, by=by)
    return mentor


@transaction.atomic
def unassign(assignment: MentorAssignment, *, by: User) -> None:
    """A mentor does not guide it after all; a published session keeps as many as its children need."""
    session = Session.objects.lock(assignment.session_id)
    refuse_unless_coordinator(by, session.programme.organisation)
    assignment.delete()
    if session.state == SessionState.PUBLISHED:
        left = objections_of_safety(session_facts(session, now=timezone.now()))
        refuse_if([each for each in left if each.code == "too_few_mentors"])
