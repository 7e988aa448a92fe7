"""What this room keeps of a person, and how an account is closed for good."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApiToken,
    ContactCode,
    GroupMember,
    HolidayYear,
    Membership,
    ResearchGroup,
    RosterImport,
    Tier,
    TierEvent,
    User,
    Verification,
    VerificationEvent,
)
from accounts.services.signing_in import sign_out_everywhere
from accounts.states import MembershipState, Role
from common.errors import Refusal
from common.personal import BLANKED, GONE, PROOF, Kept, history, in_office
from notifications.services import forget_addresses
from records.rules import kept_for

ERASED_NAME = "已注销用户 · erased"

PERSONAL = [
    Kept(
        User, ("pk",), _("account"), leave_out=("password", "is_superuser", "is_staff"), at_erasure=BLANKED,
        because=_("The row stays without name and addresses, so that books and histories still point to one person."),
    ),
    Kept(
        User, ("in_care_of",), _("service accounts that you answer for"), leave_out=("password",),
        at_erasure=BLANKED, blank={"in_care_of": None},
    ),
    Kept(EmailAddress, ("user",), _("addresses"), at_erasure=GONE),
    Kept(
        Membership, ("person",), _("memberships"), at_erasure=BLANKED, blank={"number": ""},
        because=_("That somebody belonged, and until when, decides what was charged; the number goes."),
    ),
    in_office(Membership, "confirmed_by"),
    in_office(HolidayYear, "announced_by"),
    Kept(ResearchGroup, ("pi",), _("research groups that you lead"), because=PROOF),
    Kept(GroupMember, ("person",), _("research groups that you belong to"), at_erasure=GONE),
    Kept(ApiToken, ("user",), _("API tokens"), leave_out=("digest",), at_erasure=GONE),
    in_office(ApiToken, "created_by"),
    Kept(
        Verification, ("asked_by",), _("what you handed in for a firm"), at_erasure=BLANKED, blank={"contact": ""},
        because=_("How a firm was verified belongs to the firm and the city; the contact goes."),
    ),
    in_office(Verification, "decided_by"),
    history(VerificationEvent, "asked_by", contact=""),
    in_office(VerificationEvent, "decided_by"),
    in_office(Tier, "checked_by"),
    in_office(RosterImport, "by"),
    in_office(TierEvent, "checked_by"),
    Kept(ContactCode, ("user",), _("codes that proved a contact"), leave_out=("digest",), at_erasure=GONE),
    Kept(Authenticator, ("user",), _("second factors"), leave_out=("data",), at_erasure=GONE),
    Kept(UserSession, ("user",), _("devices that are signed in"), leave_out=("session_key",), at_erasure=GONE),
    Kept(SocialAccount, ("user",), _("campus sign-on"), at_erasure=GONE),
    Kept(LogEntry, ("user",), _("what you did in the administration"), at_erasure=GONE),
]  # fmt: skip

LEADS = Refusal("leads_a_group", _("You lead a research group: somebody else has to take it over first."))
LAST_ADMIN = Refusal("last_admin", _("You are the only admin of an organisation: make somebody else one first."))


def objections_to_closing(person: User) -> list[Refusal]:
    """Who would be left without somebody to answer for them."""
    found = []
    if ResearchGroup.objects.filter(pi=person, members__isnull=False).exclude(members=person).exists():
        found.append(LEADS)
    mine = Membership.objects.confirmed().filter(person=person, role=Role.ADMIN)
    others = Membership.objects.confirmed().filter(role=Role.ADMIN, person__is_active=True).exclude(person=person)
    alone = mine.exclude(organisation__in=others.values("organisation"))
    if alone.filter(organisation__memberships__in=Membership.objects.confirmed().exclude(person=person)).exists():
        found.append(LAST_ADMIN)
    return found


@transaction.atomic
def close_account(person: User, *, at: datetime) -> User:
    """Take away who somebody is: name, addresses, password, tokens, sessions; the id stays. Never undone."""
    addresses = {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    for address in addresses:
        forget_addresses(mail=address, phone=None)
    forget_addresses(mail=None, phone=person.phone)
    Membership.objects.standing().filter(person=person).update(state=MembershipState.ENDED, ended_at=at)
    person.name, person.email, person.phone = ERASED_NAME, f"{person.pk}@erased.invalid", None
    person.is_active = person.is_staff = person.is_superuser = False
    person.set_unusable_password()
    person.last_login = None
    person.save()
    sign_out_everywhere(person)
    return person


def forget_old_sessions() -> int:
    """Delete the sessions that are over; returns how many."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def forget_old_codes() -> int:
    """Delete the codes that prove nothing any more; returns how many."""
    return ContactCode.objects.filter(sent_at__lt=timezone.now() - kept_for("contact_codes")).delete()[0]
