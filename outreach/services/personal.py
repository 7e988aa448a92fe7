"""What this room keeps of a person: who guides, who answers for a child, and the children themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import Refusal, Refused
from common.personal import BLANKED, GONE, PROOF, Kept, history, in_office
from outreach.models import (
    Certificate,
    CheckIn,
    Child,
    Consent,
    ConsentEvent,
    ConsentText,
    Enrolment,
    EnrolmentEvent,
    Guardian,
    Mentor,
    MentorAssignment,
    MentorAssignmentEvent,
)
from outreach.services.family import erase, health_of, is_needed, words_of
from outreach.services.leave import cancel_enrolment
from outreach.states import IS_COMING

PERSONAL = [
    Kept(Guardian, ("user",), _("children that you answer for"), at_erasure=GONE),
    Kept(
        Enrolment, ("guardian",), _("enrolments"), leave_out=("code",), at_erasure=BLANKED,
        blank={"reason": "", "paid_reference": ""}, because=_("Places and fees are counted; the child is erased."),
    ),
    in_office(Enrolment, "cancelled_by"),
    history(EnrolmentEvent, "guardian", paid_reference=""),
    in_office(EnrolmentEvent, "cancelled_by"),
    Kept(Consent, ("by",), _("consents"), because=PROOF),
    history(ConsentEvent, "by"),
    Kept(Certificate, ("enrolment__guardian",), _("certificates"), at_erasure=BLANKED, blank={"initials": ""}),
    in_office(ConsentText, "published_by"),
    Kept(Mentor, ("user",), _("work as a mentor"), because=PROOF),
    in_office(Mentor, "checked_by"),
    Kept(MentorAssignment, ("person",), _("sessions that you guide"), because=PROOF),
    history(MentorAssignmentEvent, "person"),
    in_office(CheckIn, "by"),
]  # fmt: skip

UNDER_WAY = Refusal("child_in_a_session", _("A child of yours is in a session now: somebody must be called."))


def children_of(person: User) -> Iterator[dict[str, Any]]:
    """What is sealed of the children that somebody answers for, opened for them."""
    for child in Child.objects.filter(guardians__user=person, erased_at=None):
        try:
            words = words_of(child)
            opened = {"name": words.name, "born": words.born, "grade": words.grade, "health": health_of(child)}
            contacts = [f"{each.name} {each.phone}" for each in words.contacts]
        except Refused:
            opened, contacts = {"name": child.initials, "born": None, "grade": None, "health": ""}, []
        yield {"id": child.pk, **opened, "contacts": contacts, "created_at": child.created_at}


def objections_to_leaving(person: User) -> list[Refusal]:
    """A session goes on in which a child of theirs is."""
    now = timezone.now()
    running = Enrolment.objects.standing().filter(guardian=person, starts_at__lte=now, ends_at__gt=now)
    return [UNDER_WAY] if running.exists() else []


@transaction.atomic
def leave(person: User) -> int:
    """Give back the places of their children and erase those that nobody else answers for; returns how many."""
    for enrolment in Enrolment.objects.filter(guardian=person, state__in=sorted(IS_COMING)):
        if enrolment.starts_at > timezone.now():
            cancel_enrolment(enrolment, by=person)
    alone = Child.objects.filter(guardians__user=person, erased_at=None).exclude(
        pk__in=Guardian.objects.exclude(user=person).values("child")
    )
    return len([erase(child) for child in alone if not is_needed(child)])
