"""Who may do what to people, organisations and tokens."""

from __future__ import annotations

from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, Organisation, ResearchGroup, User
from accounts.rules import needs_second_factor
from accounts.states import OrganisationKind, Role, Vouched


def is_officer(user: User) -> bool:
    """An officer of a government."""
    offices = user.memberships.confirmed().filter(role=Role.OFFICER)
    return offices.filter(organisation__kind=OrganisationKind.GOVERNMENT).exists()


def may_govern(user: User, organisation: Organisation) -> bool:
    """Make service accounts and their tokens: its confirmed admins."""
    return user.memberships.confirmed().filter(organisation=organisation, role=Role.ADMIN).exists()


def looked_after_by(user: User) -> QuerySet[User]:
    """For whose programs somebody answers: their own, and the service accounts of organisations that they govern."""
    governed = user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
    return User.objects.filter(Q(pk=user.pk) | Q(service_of__in=governed))


def may_admit(user: User, organisation: Organisation) -> bool:
    """See and confirm members: its admins; for firms also a city officer who does not belong there."""
    if may_govern(user, organisation):
        return True
    is_outside = not user.memberships.standing().filter(organisation=organisation).exists()
    return organisation.kind == OrganisationKind.COMPANY and is_outside and is_officer(user)


def may_verify(user: User, organisation: Organisation) -> bool:
    """Verify a firm, or say why not: a city officer who has never belonged there."""
    is_outside = not user.memberships.filter(organisation=organisation).exists()
    return organisation.kind == OrganisationKind.COMPANY and is_outside and is_officer(user)


def may_speak_for(user: User, organisation: Organisation) -> bool:
    """Hand in what a firm is verified by: its admins, and whoever claims to be one while it is not verified."""
    return user.memberships.standing().filter(organisation=organisation, role=Role.ADMIN).exists()


def may_bind(user: User, organisation: Organisation) -> bool:
    """Accept an offer for a firm: its confirmed admins and finance officers."""
    held = user.memberships.confirmed().filter(organisation=organisation)
    return held.filter(role__in=[Role.ADMIN, Role.FINANCE]).exists()


def may_confirm_membership(user: User, membership: Membership) -> bool:
    """Never one's own."""
    return membership.person_id != user.pk and may_admit(user, membership.organisation)


def may_take_factors(user: User, person: User) -> bool:
    """Take away a second step that is lost: an admin to whom they belong, if no right of theirs lies elsewhere.

    What opens with the password alone afterwards must be the admin's own house. Whom only a roster names may know
    nothing of it, so they do not belong for that; never one's own.
    """
    governed = user.memberships.confirmed().filter(role=Role.ADMIN).values("organisation")
    belongs = person.memberships.confirmed().filter(organisation__in=governed).exclude(vouched_by=Vouched.ROSTER)
    # The rooms above know laboratories, children and mentors; here they are relations.
    elsewhere = [
        person.memberships.standing().exclude(organisation__in=governed),
        person.led_groups.exclude(organisation__in=governed),
        person.facility_roles.standing(timezone.localdate()).exclude(facility__organisation__in=governed),
        person.mentors_at.exclude(organisation__in=governed),
        person.guardian_of.all(),
    ]
    is_ours = person.pk != user.pk and not (person.is_staff or person.is_superuser) and belongs.exists()
    return is_ours and not any(rights.exists() for rights in elsewhere)


def may_fill(user: User, group: ResearchGroup) -> bool:
    """Admit members: its principal investigator, while they belong to its organisation themselves."""
    belongs = user.memberships.confirmed().filter(organisation=group.organisation_id)
    return group.pi_id == user.pk and belongs.exists()


class Reader(Protocol):
    """A user as `User.objects.reader` finds them."""

    is_staff: bool
    duties: dict[str, Any]


def owes_second_factor(reader: Reader) -> bool:
    """Whether `reader` shows a second factor before anything opens; never in a demo."""
    facts = reader.duties
    guarded = needs_second_factor(facts["roles"], runs_laboratory=facts["runs_laboratory"], is_staff=reader.is_staff)
    return guarded and not facts["in_demo"]
