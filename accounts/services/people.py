from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import GroupMember, ResearchGroup, User
from accounts.permissions import may_fill
from common.db import violation_means
from common.errors import NotAllowed, WrongInput
from common.text import tidy


def person_at(address: str) -> User | None:
    """Whoever signs in with the address."""
    return User.objects.filter(email=tidy(address).lower(), is_active=True).first()


@transaction.atomic
def set_profile(user: User, *, name: str, phone: str, language: str) -> User:
    """Change what people say of themselves."""
    user.name, user.phone, user.language = tidy(name), tidy(phone) or None, language
    taken = WrongInput("phone", "taken", _("Somebody else has this phone number already."))
    with violation_means("accounts_user_phone_key", taken):
        user.save(update_fields=["name", "phone", "language"])
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
