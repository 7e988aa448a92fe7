from __future__ import annotations

from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.formats import is_uscc, tidy_uscc
from accounts.models import MailDomain, Membership, Organisation, User
from accounts.permissions import may_confirm_membership
from accounts.rules import domain_of
from accounts.states import MembershipState, OrganisationKind, Role
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from notifications.services import tell

HEARD_FOR = timedelta(days=1)  # who leaves and claims again within it is no news to the admins
CLAIMED_TWICE = Refusal("already_member", _("You have said already that you belong to this organisation."))
NOT_CLAIMED = Refusal("not_claimed", _("This membership is not waiting for a decision."))


@transaction.atomic
def claim_membership(organisation: Organisation, *, by: User, number: str = "", role: str = Role.MEMBER) -> Membership:
    """Say that `by` belongs to an organisation; a verified address at its mail domain confirms it at once."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # one claim of a person at a time
    before = Membership.objects.filter(person=by, organisation=organisation)
    if before.standing().exists():
        raise Refused([CLAIMED_TWICE])
    is_news = not before.filter(created_at__gt=timezone.now() - HEARD_FOR).exists()
    with violation_means("membership_once", Refused([CLAIMED_TWICE])):
        membership = Membership.objects.create(person=by, organisation=organisation, number=tidy(number), role=role)
    domains = {domain_of(each) for each in _verified_addresses(by)}
    if role == Role.MEMBER and MailDomain.objects.filter(organisation=organisation, domain__in=domains).exists():
        return confirm(membership, by=None)
    admins = User.objects.filter(
        memberships__organisation=organisation,
        memberships__role=Role.ADMIN,
        memberships__state=MembershipState.CONFIRMED,
    ).exclude(pk=by.pk)
    if is_news:
        tell("membership_claimed", to=admins, about=membership)
    return membership


def _verified_addresses(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


@transaction.atomic
def trust_address(user: User, address: str) -> list[Membership]:
    """Confirm the plain memberships that a freshly verified mail address proves."""
    proven = Membership.objects.claimed().filter(
        person=user, role=Role.MEMBER, organisation__mail_domains__domain=domain_of(address)
    )
    return [confirm(membership, by=None) for membership in proven.select_for_update(of=("self",))]


@transaction.atomic
def confirm_membership(membership: Membership, *, by: User) -> Membership:
    """The organisation says: yes, this person is ours."""
    membership = _locked(membership)
    if not may_confirm_membership(by, membership):
        raise NotAllowed(_("Only an admin of the organisation may confirm its members."))
    if membership.state != MembershipState.CLAIMED:
        raise Refused([NOT_CLAIMED])
    return confirm(membership, by=by)


def confirm(membership: Membership, *, by: User | None) -> Membership:
    """Write down that it is confirmed, and tell the person; who may say so was asked before."""
    membership.state = MembershipState.CONFIRMED
    membership.confirmed_by, membership.confirmed_at = by, timezone.now()
    membership.save(update_fields=["state", "confirmed_by", "confirmed_at", "vouched_by"])
    tell("membership_confirmed", to=[membership.person], about=membership, page="account")
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User) -> Membership:
    """The organisation does not know the person (any more), or the person leaves."""
    membership = _locked(membership)
    if membership.person_id != by.pk and not may_confirm_membership(by, membership):
        raise NotAllowed(_("Only the person or an admin of the organisation may end a membership."))
    if membership.state != MembershipState.ENDED:
        end(membership, at=timezone.now())
    return membership


def end(membership: Membership, *, at: datetime) -> Membership:
    """Write down that it is over; who may say so was asked before."""
    membership.state, membership.ended_at = MembershipState.ENDED, at
    membership.save(update_fields=["state", "ended_at"])
    return membership


def _locked(membership: Membership) -> Membership:
    rows = Membership.objects.select_related("person", "organisation").select_for_update(of=("self",))
    return rows.get(pk=membership.pk)


@transaction.atomic
def register_organisation(
    *, by: User, kind: str, name_zh: str, name_en: str, uscc: str, is_sme: bool = False
) -> Organisation:
    """Enter an organisation and claim to be its admin; who names a code that is there joins that organisation.

    Raises WrongInput when the code has a wrong structure or check character (GB 32100-2015).
    """
    code = tidy_uscc(uscc)
    if not is_uscc(code):
        raise WrongInput("uscc", "invalid", _("This is no unified social credit code: its check character is wrong."))
    if kind != OrganisationKind.COMPANY:
        raise WrongInput("kind", "invalid", _("Only firms are registered here; institutions are entered by the city."))
    said = {"kind": kind, "name_zh": tidy(name_zh), "name_en": tidy(name_en), "is_sme": is_sme}
    organisation, new = Organisation.objects.get_or_create(uscc=code, defaults=said)
    claim_membership(organisation, by=by, role=Role.ADMIN if new else Role.MEMBER)
    return organisation
