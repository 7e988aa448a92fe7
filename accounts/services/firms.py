"""Whether a firm is verified: asked for by itself, answered by a city officer who never belonged there."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation, Tier, TierKind, User, Verification
from accounts.models.firms import ONE_PENDING
from accounts.permissions import may_speak_for, may_verify
from accounts.rules import FirmStanding
from accounts.services.contact import proven_contact
from accounts.services.working_days import working_days_after
from accounts.states import ANSWERED_WITHIN, NEXT, MembershipState, OrganisationKind, Role, VerificationState
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from common.uploads.arriving import Readable
from notifications.services import tell
from records.services import keep_either

USUAL = timedelta(days=365)
LONGEST = timedelta(days=3 * 366)
PENDING = Refusal("verification_pending", gettext_lazy("The firm is being verified already."))
NOT_PENDING = Refusal("not_pending", gettext_lazy("This firm is not waiting for an answer any more."))
NO_CONTACT = Refusal(
    "contact_not_proven", gettext_lazy("First prove a phone number or an e-mail address by the code sent there.")
)


def standing_of(organisation: Organisation, *, on: date) -> FirmStanding:
    """Where a firm stands on a day; a verification whose last day is past counts no more, told or not."""
    rows = list(organisation.verifications.order_by("-asked_at")[:10])
    pending = next((row for row in rows if row.state == VerificationState.PENDING), None)
    answer_by = pending.due_on if pending else None
    good = next(
        (row for row in rows if row.state == VerificationState.VERIFIED and row.until and row.until >= on), None
    )
    if good:
        return FirmStanding(VerificationState.VERIFIED, until=good.until, renewal_by=answer_by)
    if pending:
        return FirmStanding(VerificationState.PENDING, answer_by=answer_by)
    if not rows:
        return FirmStanding(VerificationState.UNVERIFIED)
    last = rows[0]
    state = VerificationState.EXPIRED if last.state == VerificationState.VERIFIED else VerificationState(last.state)
    return FirmStanding(state, until=last.until, reason=last.reason)


@transaction.atomic
def ask_for_verification(
    organisation: Organisation,
    *,
    by: User,
    legal_representative: str,
    is_representative: bool,
    licence: Readable | None,
    letter: Readable | None = None,
) -> Verification:
    """Hand in what a firm is verified by: its licence and, unless its legal representative asks, a stamped letter.

    The officers are told. Raises WrongInput beside the field, Refused (`verification_pending`, `contact_not_proven`).
    """
    if organisation.kind != OrganisationKind.COMPANY or not may_speak_for(by, organisation):
        raise NotAllowed(_("Only an admin of the firm may ask for its verification."))
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    contact = proven_contact(by)
    if not contact:
        raise Refused([NO_CONTACT])
    name = tidy(legal_representative)
    if not name:
        raise WrongInput("legal_representative", "required", _("Name the legal representative, as on the licence."))
    if not is_representative and letter is None:
        raise WrongInput("letter", "required", _("Who is not the legal representative hands in the stamped letter."))
    shown = {"licence": _kept(licence, "licence", by=by)}
    if not is_representative:
        shown["letter"] = _kept(letter, "letter", by=by)
    with violation_means(ONE_PENDING, Refused([PENDING])):
        made = Verification.objects.create(
            organisation=organisation,
            legal_representative=name[:80],
            asks_as_representative=is_representative,
            contact=contact,
            asked_by=by,
            due_on=working_days_after(timezone.localdate(), ANSWERED_WITHIN),
            **shown,
        )
    tell("firm_asks", to=_officers(organisation), about=made, page="firm_queue")
    return made


def _kept(upload: Readable | None, field: str, *, by: User) -> Any:
    if upload is None:
        raise WrongInput(field, "required", _("Choose the file."))
    try:
        return keep_either(upload, by=by)
    except WrongInput as error:
        raise WrongInput(field, error.code, error.detail) from error


def _officers(organisation: Organisation) -> list[User]:
    """Who may answer: the city's officers outside the firm."""
    officers = User.objects.filter(
        memberships__role=Role.OFFICER,
        memberships__state=MembershipState.CONFIRMED,
        memberships__organisation__kind=OrganisationKind.GOVERNMENT,
        is_active=True,
    ).exclude(memberships__organisation=organisation)
    return list(officers.distinct())


@transaction.atomic
def verify_firm(verification: Verification, *, by: User, until: date | None = None) -> Verification:
    """The officer has looked: the firm is verified until a day (a year from now); who asked for it is its admin."""
    verification = _to_be_answered(verification, by)
    today = timezone.localdate()
    until = until or today + USUAL
    if not today < until <= today + LONGEST:
        raise WrongInput("until", "out_of_range", _("A firm is verified for at least a day and at most three years."))
    for before in verification.organisation.verifications.filter(state=VerificationState.VERIFIED):
        _turn(before, VerificationState.EXPIRED)
    _turn(verification, VerificationState.VERIFIED, decided_by=by, decided_at=timezone.now(), until=until)
    claimed = verification.organisation.memberships.claimed().filter(person=verification.asked_by, role=Role.ADMIN)
    claimed.update(state=MembershipState.CONFIRMED, confirmed_by=by, confirmed_at=timezone.now())
    tell("firm_verified", to=[verification.asked_by], about=verification)
    return verification


@transaction.atomic
def reject_firm(verification: Verification, *, by: User, reason: str) -> Verification:
    """The officer says no, and why; the firm may ask again."""
    verification = _to_be_answered(verification, by)
    reason = tidy(reason)
    if not reason:
        raise WrongInput("reason", "required", _("Say why, so that the firm can put it right."))
    _turn(verification, VerificationState.REJECTED, decided_by=by, decided_at=timezone.now(), reason=reason[:500])
    tell("firm_rejected", to=[verification.asked_by], about=verification)
    return verification


def _to_be_answered(verification: Verification, by: User) -> Verification:
    rows = Verification.objects.select_related("organisation", "asked_by").select_for_update(of=("self",), no_key=True)
    verification = rows.get(pk=verification.pk)
    if not may_verify(by, verification.organisation):
        raise NotAllowed(_("Only a city officer who does not belong to the firm verifies it."))
    if verification.state != VerificationState.PENDING:
        raise Refused([NOT_PENDING])
    return verification


def _turn(verification: Verification, state: VerificationState, **fields: Any) -> None:
    assert state in NEXT[verification.state]
    for name, value in {"state": state, **fields}.items():
        setattr(verification, name, value)
    verification.save(update_fields=["state", *fields])


def expire_verifications(*, on: date) -> int:
    """Say of firms whose last day is past that they are verified no more, and tell their admins; returns how many."""
    return sum(_expire(row, on) for row in Verification.objects.over(on)[:200])


@transaction.atomic
def _expire(verification: Verification, on: date) -> bool:
    rows = Verification.objects.over(on).select_related("organisation", "asked_by")
    found = rows.select_for_update(of=("self",), skip_locked=True).filter(pk=verification.pk).first()
    if not found:
        return False
    _turn(found, VerificationState.EXPIRED)
    held = {"memberships__organisation": found.organisation, "memberships__state": MembershipState.CONFIRMED}
    admins = User.objects.filter(**held, memberships__role=Role.ADMIN)
    tell("firm_expired", to=[*admins], about=found)
    return True


@transaction.atomic
def note_tier(
    organisation: Organisation,
    *,
    by: User,
    kind: TierKind,
    number: str,
    issuer: str,
    begins: date,
    ends: date | None = None,
) -> Tier:
    """Write down that a firm holds a tier, by which evidence: an officer who does not belong there has looked at it."""
    if not may_verify(by, organisation):
        raise NotAllowed(_("Only a city officer who does not belong to the firm writes down its tiers."))
    said = {"number": tidy(number), "issuer": tidy(issuer)}
    for field, words in said.items():
        if not words:
            raise WrongInput(field, "required", _("Write down the evidence's number and who issued it."))
    if ends and ends < begins:
        raise WrongInput("ends", "not_after_start", _("The last day lies before the first."))
    there = WrongInput("begins", "taken", _("This tier is written down from that day already."))
    with violation_means("tier_once", there):
        return Tier.objects.create(
            organisation=organisation, kind=kind, begins=begins, ends=ends, checked_by=by, **said
        )
