"""Situations, named: what a test needs to be there before it begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.services import make_token
from accounts.states import Audience, MembershipState, OrganisationKind, Role, Scope
from bookings.availability import WeeklyHours
from bookings.models import Booking, Claim
from bookings.services import set_hours, set_policy, with_terms
from bookings.states import State
from instruments.models import Category, CategoryScheme, Facility, Instrument
from instruments.services import enter_instrument, entrust
from instruments.states import FacilityDuty
from privacy.states import CURRENT
from records.models import StoredFile

PASSWORD = "a-long-password-2026"
EVERY_DAY = [WeeklyHours(weekday, 8 * 60, 20 * 60) for weekday in range(7)]
AROUND_THE_CLOCK = [WeeklyHours(weekday, 0, 1440) for weekday in range(7)]
EVERYONE = [Audience.INTERNAL, Audience.ACADEMIC, Audience.FIRMS, Audience.INDIVIDUALS]


def person(name: str, **fields: Any) -> User:
    """Somebody with a verified address who belongs nowhere."""
    usual = {"texts_accepted": CURRENT}
    user = User.objects.create_user(f"{name}@example.org", PASSWORD, name=name, **{**usual, **fields})
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def member(name: str, organisation: Organisation, role: str = Role.MEMBER, **fields: Any) -> User:
    """Somebody whose membership is confirmed."""
    user = person(name, **fields)
    user.memberships.create(organisation=organisation, role=role, state=MembershipState.CONFIRMED)
    return user


def university(**fields: Any) -> Organisation:
    usual = {"kind": OrganisationKind.UNIVERSITY, "name_zh": "东海大学", "name_en": "East Sea University"}
    return Organisation.objects.create(**{**usual, **fields})


def firm(*, verified: bool = True, **fields: Any) -> Organisation:
    """A company; an officer has verified it for a year unless it says otherwise."""
    usual = {"kind": OrganisationKind.COMPANY, "name_zh": "示例公司", "name_en": "Example Company"}
    made = Organisation.objects.create(**{**usual, **fields})
    return verify(made) if verified else made


def verify(company: Organisation, *, days: int = 365) -> Organisation:
    """As if an officer had verified it, `days` from now on its last day."""
    today = timezone.localdate()
    officer, _new = User.objects.get_or_create(email="verifier@example.org", defaults={"name": "verifier"})
    company.verifications.create(
        state="verified", legal_representative="法人", asks_as_representative=True, contact="13000000000",
        licence=scan(officer), asked_by=officer, decided_by=officer, decided_at=timezone.now(), due_on=today,
        until=today + timedelta(days=days),
    )  # fmt: skip
    return company


def scan(by: User) -> StoredFile:
    """A row of a file whose bytes nobody asks for."""
    return StoredFile.objects.create(
        name="scan.pdf", media_type="application/pdf", size=9, sha256=uuid4().hex * 2, by=by
    )


def laboratory(organisation: Organisation, slug: str = "centre") -> Facility:
    return Facility.objects.create(
        organisation=organisation,
        slug=slug,
        name_zh="分析测试中心",
        name_en="Analysis Centre",
        contact_email="centre@example.org",
    )


def category_of(scheme: str, **fields: Any) -> Category:
    """A class of instruments, and its scheme where it is not there yet."""
    known, _new = CategoryScheme.objects.get_or_create(slug=scheme, defaults={"name_zh": scheme})
    return Category.objects.create(scheme=known, **fields)


def instrument(facility: Facility, slug: str = "sem", **terms: Any) -> Instrument:
    """An instrument that is open every day from 8 to 20 to everyone; `terms` are fields of its policy."""
    made = enter_instrument(
        facility,
        slug=slug,
        name_zh="场发射扫描电镜",
        name_en="Field-emission SEM",
        techniques=["SEM"],
        sharing=EVERYONE,
    )
    set_hours(made, EVERY_DAY)
    set_policy(made, **terms)
    return made


def not_locked(slug: str, *, by: User, now: datetime) -> Instrument:
    """`lock_with_terms` with its guard off, for the negative controls of races."""
    return with_terms(Instrument.objects.visible_to(by), now=now).get(slug=slug)


def lab_admin(name: str, facility: Facility) -> User:
    user = member(name, facility.organisation)
    entrust(facility, to=user, duty=FacilityDuty.ADMIN)
    return user


def booked(
    on: Instrument, *, at: datetime, by: User, hours: float = 1, state: str = State.CONFIRMED, **fields: Any
) -> Booking:
    """A booking as it lies in the database, past or coming, without asking the rules."""
    times = {"starts_at": at, "ends_at": at + timedelta(hours=hours)}
    decided: dict[str, Any] = {"decided_at": timezone.now() - timedelta(days=9)}
    if state in {State.REQUESTED, State.NEEDS_INFO}:
        decided = {"expires_at": at}
    made = Booking.objects.create(instrument=on, user=by, booked_by=by, state=state, **times, **{**decided, **fields})
    Claim.objects.create(booking=made, instrument=on, **times)
    return made


def token_for(user: User, *scopes: str) -> str:
    return make_token(user, by=user, name="test", scopes=scopes or Scope.values)[1]


def signed_in(client: Client, user: User) -> Client:
    """As after the whole way through the door: with the second factor that guarded roles owe."""
    client.force_login(user)
    session = client.session
    record_authentication(SimpleNamespace(session=session, user=user), user, method="mfa")
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def agreed(client: Client, before: str = "") -> Client:
    """As somebody new who has agreed to the terms as they are now."""
    client.post(f"{before}/agree/", {"version": CURRENT})
    return client


def fresh_key() -> str:
    return uuid4().hex
