"""Who answers for the programs of an organisation, and what they are called for."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import looked_after_by, may_govern
from accounts.services.people import person_at
from common.errors import NotAllowed, WrongInput
from notifications.models import WebhookEndpoint
from notifications.services import add_webhook

ONLY_ADMINS = _("Only an admin of the organisation may do this.")
NO_MEMBER = WrongInput("email", "unknown", _("Nobody with this address is a confirmed member of the organisation."))


@transaction.atomic
def put_in_care(account: User, *, email: str, by: User) -> User:
    """Say who answers for a service account: a confirmed member of its organisation, by mail address."""
    _refuse_stranger(account, by)
    keeper, organisation = person_at(email), account.service_of
    assert organisation is not None
    belongs = keeper and not keeper.service_of_id and keeper.memberships.confirmed().filter(organisation=organisation)
    if not keeper or not belongs or not belongs.exists():
        raise NO_MEMBER
    account.in_care_of = keeper
    account.save(update_fields=["in_care_of"])
    return account


@transaction.atomic
def retire_service_account(account: User, *, by: User) -> User:
    """Put a service account out of use: its tokens end now, its webhooks are called no more; its past stays."""
    _refuse_stranger(account, by)
    account.is_active = False
    account.save(update_fields=["is_active"])
    account.api_tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
    account.webhooks.update(active=False)
    return account


@transaction.atomic
def add_webhook_for(
    account: User, *, by: User, url: str, kinds: Iterable[str], description: str = ""
) -> WebhookEndpoint:
    """A webhook of one's own, or of a service account that one governs."""
    if not looked_after_by(by).filter(pk=account.pk).exists():
        raise NotAllowed(_("You may add webhooks of your own and of your organisation's service accounts."))
    return add_webhook(url, by=account, kinds=kinds, description=description)


def _refuse_stranger(account: User, by: User) -> None:
    if account.service_of is None or not may_govern(by, account.service_of):
        raise NotAllowed(ONLY_ADMINS)
