"""As whom a person asks, decided in one place for bookings, prices and enrolments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from accounts.states import ACADEMIC, Audience, MembershipState, OrganisationKind


@dataclass(frozen=True)
class Belonging:
    """One standing membership, as far as rules need to know it."""

    organisation_id: UUID
    kind: str
    state: str


def audiences_of(belongings: Iterable[Belonging], *, owner_id: UUID) -> set[str]:
    """As whom somebody may ask an instrument's owner (organisation `owner_id`).

    Empty when all that the person has are claims which nobody has confirmed yet. A person without any organisation
    asks as an individual.
    """
    standing = list(belongings)
    confirmed = [each for each in standing if each.state == MembershipState.CONFIRMED]
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


def domain_of(address: str) -> str:
    """The part of a mail address behind the @, in lower case."""
    return address.rpartition("@")[2].lower()
