"""Rosters: who belongs to an organisation, as it says itself in a table, and until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.formats import Complaint, Line, read_roster
from accounts.models import Membership, Organisation, RosterEntry, RosterImport, User
from accounts.permissions import may_govern
from accounts.rules import objections_to_roster
from accounts.services.membership import confirm, end
from accounts.services.signing_in import sign_out_everywhere
from accounts.states import MembershipState, Vouched
from common.errors import NotAllowed, Refusal, Refused
from notifications.services import tell

LOOKED_AT_WITHIN = timedelta(days=1)
REMEMBERED_FOR = timedelta(days=90)  # after somebody's last day
HAS_FAULTS = Refusal(
    "roster_wrong", _("Nothing was changed: mend the rows that are named, and hand the roster in again.")
)
SAID = ("name", "email", "phone", "number", "ends_on")


@dataclass(frozen=True)
class Preview:
    """What a roster would do: to whom it is news, who is here already, and what is wrong with it."""

    new: Sequence[Line]
    changed: Sequence[Line]
    unchanged: int
    here: int
    wrong: Sequence[Complaint]


@transaction.atomic
def hand_in_roster(organisation: Organisation, *, by: User, content: bytes) -> RosterImport:
    """Keep a table to be looked at. Raises WrongInput (`file`) where it is no roster at all."""
    _only_its_admins(organisation, by)
    read_roster(content)
    RosterImport.objects.filter(organisation=organisation, by=by).delete()
    return RosterImport.objects.create(organisation=organisation, by=by, content=content)


def look_through(handed_in: RosterImport, *, on: date) -> Preview:
    """What applying it would do; nothing is written."""
    read = read_roster(bytes(handed_in.content))
    own = {("email", address) for address in _addresses_of(handed_in.by)} | {("phone", handed_in.by.phone or "")}
    organisation = handed_in.organisation
    wrong = [*read.wrong, *objections_to_roster(read.lines, kind=organisation.kind, today=on, own=frozenset(own))]
    known = _Known(organisation, read.lines)
    before = {line.line: known.entries_for(line) for line in read.lines}
    new = [line for line in read.lines if not before[line.line]]
    changed = [
        line for line in read.lines if before[line.line] and [_said(each) for each in before[line.line]] != [_row(line)]
    ]
    here = sum(1 for line in read.lines if known.person_for(line))
    unchanged = len(read.lines) - len(new) - len(changed)
    return Preview(new, changed, unchanged, here, sorted(wrong, key=lambda each: each.line))


@transaction.atomic
def apply_roster(handed_in: RosterImport, *, by: User) -> Preview:
    """Do all that it says, or nothing where any row is wrong; who is not here yet belongs from when they join."""
    organisation = Organisation.objects.select_for_update(no_key=True).get(pk=handed_in.organisation_id)
    _only_its_admins(organisation, by)
    preview = look_through(handed_in, on=timezone.localdate())
    if preview.wrong:
        raise Refused([HAS_FAULTS])
    lines = read_roster(bytes(handed_in.content)).lines
    known = _Known(organisation, lines)
    for line in lines:
        first, *others = known.entries_for(line) or [RosterEntry(organisation=organisation, role=line.role)]
        RosterEntry.objects.filter(pk__in=[each.pk for each in others]).delete()  # a mail and a phone that were two
        for name, value in _row(line).items():
            setattr(first, name, value)
        first.save()
        if person := known.person_for(line):
            _let_belong(person, first)
    handed_in.delete()
    return preview


@transaction.atomic
def drop_roster(handed_in: RosterImport) -> None:
    """Forget a table without doing what it says."""
    handed_in.delete()


class _Known:
    """What is here already of those whom a roster names, in three statements."""

    def __init__(self, organisation: Organisation, lines: Iterable[Line]) -> None:
        lines = list(lines)
        mails, phones = {each.email for each in lines} - {""}, {each.phone for each in lines} - {""}
        self._entries: dict[tuple[str, str], list[RosterEntry]] = defaultdict(list)
        for entry in organisation.roster.filter(Q(email__in=mails) | Q(phone__in=phones)).order_by("pk"):
            for contact in {entry.email, entry.phone} - {""}:
                self._entries[entry.role, contact].append(entry)
        proven = EmailAddress.objects.filter(
            email__in=mails, verified=True, user__is_active=True, user__service_of=None
        )
        self._people = {each.email: each.user for each in proven.select_related("user")}
        reached = User.objects.filter(phone__in=phones, phone_verified=True, is_active=True, service_of=None)
        self._people |= {str(each.phone): each for each in reached}

    def entries_for(self, line: Line) -> list[RosterEntry]:
        found = [*self._entries.get((line.role, line.email), []), *self._entries.get((line.role, line.phone), [])]
        return list({each.pk: each for each in found}.values())

    def person_for(self, line: Line) -> User | None:
        return self._people.get(line.email) or self._people.get(line.phone)


def _row(line: Line) -> dict[str, object]:
    return dict(zip(SAID, (line.name, line.email, line.phone, line.number, line.last_day), strict=True))


def _said(entry: RosterEntry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in SAID}


def _let_belong(person: User, entry: RosterEntry) -> Membership:
    """The membership that an entry speaks of: made, confirmed, or with another number and last day."""
    of_role = Membership.objects.filter(person=person, organisation=entry.organisation_id, role=entry.role)
    held = of_role.standing().select_for_update().first()
    if held is None:
        held = Membership(person=person, organisation=entry.organisation, role=entry.role)
    held.number, held.ends_on, held.vouched_by = entry.number or held.number, entry.ends_on, Vouched.ROSTER
    held.save()
    return confirm(held, by=None) if held.state == MembershipState.CLAIMED else held


@transaction.atomic
def join_by_roster(user: User) -> list[Membership]:
    """Let `user` belong wherever a roster names an address or a phone that they have proven."""
    if user.service_of_id:
        return []
    reached = Q(email__in=_addresses_of(user))
    if user.phone and user.phone_verified:
        reached |= Q(phone=user.phone)
    standing = Q(ends_on=None) | Q(ends_on__gte=timezone.localdate())
    return [_let_belong(user, entry) for entry in RosterEntry.objects.filter(reached, standing)]


def end_what_is_over(*, on: date) -> int:
    """End the memberships whose last day is before `on`; their people's sessions and tokens too. Returns how many."""
    over = Membership.objects.standing().filter(ends_on__lt=on).values_list("pk", flat=True)
    return sum(_end_if_over(each, on=on) for each in list(over))


@transaction.atomic
def _end_if_over(membership_id: UUID, *, on: date) -> bool:
    rows = Membership.objects.standing().filter(pk=membership_id, ends_on__lt=on).select_related("person")
    membership = rows.select_for_update(of=("self",)).first()
    if membership is None:
        return False  # somebody was faster, or the day was moved
    end(membership, at=timezone.now())
    sign_out_everywhere(membership.person)
    tell("membership_over", to=[membership.person], about=membership, page="account")
    return True


def forget_old_rosters() -> int:
    """Delete what names people for nothing: tables never applied, entries long over. Returns how many."""
    now = timezone.now()
    tables = RosterImport.objects.filter(made_at__lt=now - LOOKED_AT_WITHIN).delete()[0]
    return tables + RosterEntry.objects.filter(ends_on__lt=now.date() - REMEMBERED_FOR).delete()[0]


def _addresses_of(user: User) -> list[str]:
    return list(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))


def _only_its_admins(organisation: Organisation, user: User) -> None:
    if not may_govern(user, organisation):
        raise NotAllowed(_("Only an admin of the organisation may hand in its roster."))
