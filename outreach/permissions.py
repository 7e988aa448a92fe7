"""Who may do what to programmes, sessions and children."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.states import Role
from common.errors import NotAllowed
from outreach.models import Child, Session
from outreach.querysets import coordinated_by

CARRIED_BEFORE = timedelta(days=2)  # how long before a session those who run it may read what is sealed


def may_coordinate(user: User, organisation: Organisation) -> bool:
    """Plan programmes and sessions: the organisation's coordinators, and its admins where it has laboratories."""
    return bool(coordinated_by(user).filter(organisation=organisation).exists())


def places_coordinated_by(user: User) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk__in=coordinated_by(user)).order_by("name_zh")


def refuse_unless_coordinator(user: User, organisation: Organisation) -> None:
    if not may_coordinate(user, organisation):
        raise NotAllowed(_("Only the coordinators of the organisation may do this."))


def may_record_payment(user: User, organisation: Organisation) -> bool:
    """Say that money has come in: its finance officers and coordinators."""
    finance = user.memberships.confirmed().filter(organisation=organisation, role=Role.FINANCE)
    return finance.exists() or may_coordinate(user, organisation)


def answers_for(user: User, child: Child) -> bool:
    """Is a guardian of the child."""
    return child.guardians.filter(user=user).exists()


def may_run(user: User, session: Session) -> bool:
    """Check children in, see the roll call: its mentors, and the coordinators."""
    guides = session.assignments.filter(person=user).exists()
    return guides or may_coordinate(user, session.programme.organisation)


def is_at_hand(session: Session) -> bool:
    """Whether those who run a session may read what is sealed: from two days before until the day after."""
    now = timezone.now()
    return session.starts_at - CARRIED_BEFORE <= now <= session.ends_at + timedelta(days=1)
