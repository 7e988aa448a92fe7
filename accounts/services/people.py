from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.formats import tidy_phone
from accounts.models import GroupMember, ResearchGroup, User
from accounts.permissions import may_fill
from accounts.services.roster import join_by_roster
from common.db import take_turns, violation_means
from common.errors import NotAllowed, WrongInput
from common.text import tidy
from notifications.rules import ways_open
from notifications.services import phone_of
from notifications.states import Family, Way


def phone_taken() -> WrongInput:
    return WrongInput("phone", "taken", _("Somebody else has this phone number already."))


def person_at(address: str) -> User | None:
    """Whoever signs in with the address."""
    return User.objects.filter(email=tidy(address).lower(), is_active=True).first()


def person_by_mail(address: str) -> User | None:
    """Whoever has confirmed the address, which need not be their first one."""
    theirs = EmailAddress.objects.filter(email=address, verified=True).values("user")
    return User.objects.filter(pk__in=theirs, is_active=True).first()


@transaction.atomic
def set_profile(user: User, *, name: str, phone: str, language: str) -> User:
    """Change what people say of themselves."""
    number = tidy_phone(phone) or None
    if number != user.phone:
        if not user.email:
            raise WrongInput("phone", "needs_code", _("You sign in with this number: change it by a code."))
        user.phone, user.phone_verified = number, False
    user.name, user.language = tidy(name), language
    with violation_means("accounts_user_phone_key", phone_taken()):
        user.save(update_fields=["name", "phone", "phone_verified", "language"])
    return user


@transaction.atomic
def join_by_phone(*, name: str, phone: str, language: str) -> User | None:
    """A new person who has only a phone, still to be proven by a code; None where somebody has proven it before."""
    take_turns(f"phone {phone}")
    known = User.objects.select_for_update(no_key=True).filter(phone=phone).first()
    if known and known.phone_verified:
        return None
    if known and known.email:
        _let_go(known)  # they only typed it
        known = None
    user = known or User(phone=phone)
    user.name, user.language = tidy(name), language
    if known is None:
        user.set_unusable_password()
    user.save()
    return user


@transaction.atomic
def prove_phone(user: User, phone: str) -> User:
    """`user` reads at `phone`; whoever had only typed that number has it no longer. Raises WrongInput (`taken`)."""
    free_phone(phone, but=user)
    user.phone, user.phone_verified = phone, True
    with violation_means("accounts_user_phone_key", phone_taken()):
        user.save(update_fields=["phone", "phone_verified"])
    join_by_roster(user)
    return user


@transaction.atomic
def free_phone(phone: str, *, but: User | None = None) -> None:
    """Take a number from whoever only typed it, for somebody who is about to prove it."""
    take_turns(f"phone {phone}")
    for other in User.objects.filter(phone=phone, phone_verified=False):
        if other != but:
            _let_go(other)


def _let_go(user: User) -> None:
    """The number is not theirs. Who has nothing else never came in: signing in by phone takes the code."""
    if user.email:
        User.objects.filter(pk=user.pk).update(phone=None)
    elif user.last_login is None:
        user.delete()


def forget_who_never_came() -> int:
    """Delete those who began to join by phone a day ago and never sent the code back; returns how many."""
    begun = User.objects.filter(date_joined__lt=timezone.now() - timedelta(days=1))
    return begun.filter(email=None, phone_verified=False, last_login=None).delete()[0]


def person_by_phone(phone: str) -> User | None:
    """Whoever has proven to read at the number."""
    return User.objects.filter(phone=tidy_phone(phone), phone_verified=True, is_active=True).first()


def ways_of(user: User) -> list[Way]:
    """By which ways `user` may be told; the first holds until they choose."""
    return ways_open(has_mail=bool(user.email), has_phone=bool(phone_of(user)))


def chosen_ways(user: User) -> dict[str, str]:
    """By which way they are told of each family of events."""
    ways = ways_of(user)
    return {family: kept if (kept := user.told_by.get(family)) in ways else ways[0] for family in Family.values}


@transaction.atomic
def choose_ways(user: User, chosen: Mapping[str, str]) -> User:
    """Be told of each family by another way than the first from now on; a family that is not named by the first.

    Raises WrongInput (`no_such_way`) for a way to which they have no proven address.
    """
    ways = ways_of(user)
    for family, way in chosen.items():
        if way not in ways:
            raise WrongInput(family, "no_such_way", _("You have no proven address for this."))
    user.told_by = {family: way for family, way in chosen.items() if way != ways[0]}
    user.save(update_fields=["told_by"])
    return user


@transaction.atomic
def prefer_language(user: User, language: str) -> None:
    """Remember the language in which pages and mails speak to `user`."""
    if language != user.language:
        user.language = language
        user.save(update_fields=["language"])


@transaction.atomic
def admit(group: ResearchGroup, *, email: str, by: User) -> GroupMember:
    """Take a colleague into the group."""
    if not may_fill(by, group):
        raise NotAllowed(_("Only the group's principal investigator, a member of its institution, may do this."))
    person = User.objects.filter(
        email=email.strip().lower(), memberships__in=group.organisation.memberships.confirmed()
    ).first()
    if person is None:
        raise WrongInput("email", "unknown", _("Nobody with this address is a confirmed member of your institution."))
    return GroupMember.objects.get_or_create(group=group, person=person)[0]


@transaction.atomic
def dismiss(group: ResearchGroup, *, person: User, by: User) -> None:
    """Let a colleague go from the group; their bookings stay."""
    if group.pi_id != by.pk:
        raise NotAllowed(_("Only the group's principal investigator may do this."))
    GroupMember.objects.filter(group=group, person=person).delete()
