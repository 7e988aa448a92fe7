"""The one place that says who hears of what. Children go by their initials: mails are read by anybody."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from accounts.models import Organisation, User
from accounts.states import MembershipState, Role
from notifications.services import announce, tell
from notifications.states import EventKind
from outreach.models import Enrolment, Session


def tell_guardian(enrolment: Enrolment, event: str, *, occasion: str = "", **details: Any) -> None:
    """Tell whoever enrolled the child; one occasion a version."""
    tell(
        event, to=[enrolment.guardian], about=enrolment, occasion=occasion or f"v{enrolment.version}",
        session=enrolment.session, programme=enrolment.session.programme, initials=enrolment.child.initials, **details,
    )  # fmt: skip


def broadcast(enrolment: Enrolment, kind: EventKind) -> None:
    """An event for the programs of the child's guardian and of the coordinators; it names ids, never a child."""
    to = {enrolment.guardian_id, *(each.pk for each in coordinators_of(enrolment.session.programme.organisation))}
    announce(kind, about=enrolment, to=sorted(to), href=reverse("api_enrolment", args=[enrolment.pk]))


def coordinators_of(organisation: Organisation) -> list[User]:
    held = {"memberships__organisation": organisation, "memberships__state": MembershipState.CONFIRMED}
    return list(User.objects.filter(**held, memberships__role=Role.COORDINATOR, is_active=True).distinct())


def tell_coordinators(session: Session, event: str, *, occasion: str, **details: Any) -> None:
    to = coordinators_of(session.programme.organisation)
    tell(event, to=to, about=session, occasion=occasion, programme=session.programme, **details)


def tell_mentor(session: Session, mentor: User, *, occasion: str) -> None:
    tell("youth_assigned", to=[mentor], about=session, occasion=occasion, programme=session.programme)
