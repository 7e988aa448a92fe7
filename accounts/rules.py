"""As whom a person asks, decided in one place for bookings, prices and enrolments."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.formats import Complaint, Line
from accounts.states import (
    ACADEMIC,
    ANSWERED_WITHIN,
    HOME,
    ROLES_OF,
    ROLES_OF_ALL,
    Audience,
    CustomerCategory,
    MembershipState,
    OrganisationKind,
    Role,
    VerificationState,
)
from common.errors import Refusal
from common.words import day

FAVOURED_FIRST: Final = (
    CustomerCategory.OWN_GROUP,
    CustomerCategory.OWN_INSTITUTION,
    CustomerCategory.ACADEMIC,
    CustomerCategory.SME,
    CustomerCategory.COMPANY,
    CustomerCategory.OVERSEAS,
    CustomerCategory.INDIVIDUAL,
)
BLANK_LETTERS: Final = "\u115f\u1160\u2800\u3164\uffa0"  # Hangul fillers and the empty Braille cell


# Who decides about others, sees what they did or handles their money.
GUARDED_ROLES: Final = frozenset({Role.OFFICER, Role.AUDITOR, Role.FINANCE, Role.ADMIN, Role.COORDINATOR})


def needs_second_factor(roles: Iterable[str], *, runs_laboratory: bool, is_staff: bool) -> bool:
    """Whether a password (or a code, or the campus) alone lets somebody in no longer: by what they may do here."""
    return runs_laboratory or is_staff or not GUARDED_ROLES.isdisjoint(roles)


@dataclass(frozen=True)
class Stay:
    """How long a sign-in lasts: `idle` without a use, and `longest` in any case.

    A use is written down when the last one that was is `noted` old: so much sooner may `idle` be over.
    """

    idle: timedelta
    noted: timedelta
    longest: timedelta = timedelta(days=30)


STAY_OF_GUARDED: Final = Stay(idle=timedelta(hours=12), noted=timedelta(minutes=10))
STAY_OF_OTHERS: Final = Stay(idle=timedelta(days=14), noted=timedelta(days=1))


def stay_of(*, guarded: bool) -> Stay:
    """How long somebody stays signed in: whose role needs a second factor, for a working day."""
    return STAY_OF_GUARDED if guarded else STAY_OF_OTHERS


def objection_to_staying(stay: Stay, *, since: datetime, used: datetime, now: datetime) -> Refusal | None:
    """Why somebody who signed in at `since` and was last seen at `used` has to sign in again, if so."""
    if now - since >= stay.longest:
        sentence = _("You were signed out: a sign-in lasts %(n)s days at most. Please sign in again.")
        return Refusal("signed_in_too_long", sentence % {"n": stay.longest.days})
    if now - used < stay.idle:
        return None
    if stay.idle.days:
        sentence = _("You were signed out: you had not used the portal for %(n)s days. Please sign in again.")
        return Refusal("signed_out_idle", sentence % {"n": stay.idle.days})
    sentence = _(
        "You were signed out: with your role a sign-in ends after %(n)s hours without use. Please sign in again."
    )
    return Refusal("signed_out_idle", sentence % {"n": stay.idle // timedelta(hours=1)})


@dataclass(frozen=True)
class Belonging:
    """One standing membership, as far as rules need to know it."""

    organisation_id: UUID
    kind: str
    state: str
    country: str = HOME
    is_sme: bool = False
    is_verified: bool = True  # of a firm: by an officer, and not over
    answer_by: date | None = None  # of a firm that is not: the day by whose end an officer answers

    @property
    def is_unverified_firm(self) -> bool:
        return self.kind == OrganisationKind.COMPANY and not self.is_verified


def audiences_of(belongings: Iterable[Belonging], *, owner_id: UUID) -> set[str]:
    """As whom somebody may ask an instrument's owner (organisation `owner_id`).

    Empty when all that the person has are claims which nobody has confirmed yet, or firms that are not verified. A
    person without any organisation asks as an individual.
    """
    standing = list(belongings)
    confirmed = [each for each in standing if each.state == MembershipState.CONFIRMED and not each.is_unverified_firm]
    if standing and not confirmed:
        return set()
    audiences: set[str] = {Audience.INDIVIDUALS}
    for each in confirmed:
        if each.organisation_id == owner_id:
            audiences.add(Audience.INTERNAL)
        if each.kind in ACADEMIC:
            audiences.add(Audience.ACADEMIC)
        if each.kind == OrganisationKind.COMPANY:
            audiences.add(Audience.FIRMS)
    return audiences


def category_of(belongings: Iterable[Belonging], *, owner_id: UUID, in_own_group: bool = False) -> str:
    """As what somebody pays and is served at an instrument of organisation `owner_id`: their best confirmed standing.

    Decided once, here. `in_own_group` says that the instrument's own group admitted them; it counts while they belong
    to the owner. Whom nobody has confirmed is an individual. Youth is never somebody's standing: a programme says it.
    """
    confirmed = [each for each in belongings if each.state == MembershipState.CONFIRMED]
    held = {_category_by(each, owner_id, in_own_group=in_own_group) for each in confirmed}
    return next((category for category in FAVOURED_FIRST if category in held), CustomerCategory.INDIVIDUAL)


def _category_by(belonging: Belonging, owner_id: UUID, *, in_own_group: bool) -> CustomerCategory:
    if belonging.organisation_id == owner_id:
        return CustomerCategory.OWN_GROUP if in_own_group else CustomerCategory.OWN_INSTITUTION
    if belonging.country != HOME:
        return CustomerCategory.OVERSEAS
    if belonging.kind in ACADEMIC:
        return CustomerCategory.ACADEMIC
    if belonging.kind == OrganisationKind.COMPANY:
        return CustomerCategory.SME if belonging.is_sme else CustomerCategory.COMPANY
    return CustomerCategory.INDIVIDUAL


def can_be_seen(name: str) -> bool:
    """Whether anything of a name shows: letters, digits or signs, and not only blanks that count as letters."""
    return any(unicodedata.category(each)[0] in "LNPS" and each not in BLANK_LETTERS for each in name)


def domain_of(address: str) -> str:
    """The part of a mail address behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


@dataclass(frozen=True)
class FirmStanding:
    """Where a firm stands on the way to being verified: `answer_by` is when an officer will have answered.

    `renewal_by` is the same where it stands still and has asked again.
    """

    state: str
    answer_by: date | None = None
    until: date | None = None
    reason: str = ""
    renewal_by: date | None = None

    @property
    def is_verified(self) -> bool:
        return self.state == VerificationState.VERIFIED

    @property
    def may_ask(self) -> bool:
        """Whether a new application may be handed in: none waits."""
        return self.answer_by is None and self.renewal_by is None


def objections_to_firm(standing: FirmStanding) -> list[Refusal]:
    """Against a firm that wants to hold time or to accept an offer: who verifies it, and by when."""
    if standing.is_verified:
        return []
    return [not_verified(standing.answer_by)]


def not_verified(answer_by: date | None) -> Refusal:
    """The refusal of an unverified firm."""
    if answer_by:
        sentence = _("Your firm is being verified: a city officer answers by %(day)s. Then you can go on.")
        return Refusal("firm_not_verified", sentence % {"day": day(answer_by)}, values={"answer_by": answer_by})
    sentence = _(
        "Your firm is not verified. Hand in its licence on the firm's page; a city officer answers within %(n)s "
        "working days."
    )
    return Refusal("firm_not_verified", sentence % {"n": ANSWERED_WITHIN}, values={"answer_by": None})


def objections_to_roster(
    lines: Iterable[Line], *, kind: str, today: date, own: frozenset[tuple[str, str]]
) -> list[Complaint]:
    """What is wrong with the rows of a roster for an organisation of `kind`; `own` are the importer's own contacts.

    Each row is named once, with the first thing to mend.
    """
    allowed, seen = ROLES_OF.get(OrganisationKind(kind), ROLES_OF_ALL), dict[tuple[str, str, str], int]()
    found = []
    for each in lines:
        contacts = {(name, value) for name, value in (("email", each.email), ("phone", each.phone)) if value}
        twice = next((seen[each.role, *contact] for contact in contacts if (each.role, *contact) in seen), None)
        seen |= {(each.role, *contact): each.line for contact in contacts}
        if each.role not in allowed:
            reason = _("An organisation of this kind has no such role.")
        elif twice is not None:
            reason = _("The same person has the same role in line %(line)s.") % {"line": twice}
        elif each.last_day and each.last_day < today:
            reason = _("The last day is past.")
        elif each.role == Role.ADMIN and contacts & own:
            reason = _("You cannot say of yourself that you are an admin, or until when.")
        else:
            continue
        found.append(Complaint(each.line, reason))
    return found
