from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Organisation, User
from accounts.permissions import may_govern
from accounts.states import MembershipState, Role, Scope
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy

LONGEST = timedelta(days=366)
OLD_TOKEN_LIVES = timedelta(days=1)
NOT_YOURS = _("This is not your token.")
TOKEN_OVER = Refusal("token_over", _("This token works no more: make a new one."))
USE_IS_NOTED_EVERY = timedelta(minutes=1)
READABLE = "abcdefghijkmnpqrstuvwxyz23456789"


@transaction.atomic
def make_token(user: User, *, by: User, name: str, scopes: Iterable[str], days: int = 90) -> tuple[ApiToken, str]:
    """Make a key for `user` (oneself, or a service account that one governs); its text is shown this once only."""
    if user != by and not (user.service_of and may_govern(by, user.service_of)):
        raise NotAllowed(_("You may make tokens for yourself and for your organisation's service accounts."))
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(Scope.values):
        raise WrongInput("scopes", "invalid", _("Choose what the token may do."))
    if not 1 <= days <= LONGEST.days:
        raise WrongInput("days", "out_of_range", _("A token lives between 1 and 366 days."))
    public = "".join(secrets.choice(READABLE) for _ in range(8))
    text = f"jishi_{public}_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=tidy(name) or public,
        scopes=wanted,
        public=public,
        digest=_digest(text),
        created_by=by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def token_of(text: str, *, at: datetime) -> ApiToken | None:
    """The live token with this text, with its user; None for any other text."""
    parts = text.split("_", 2)
    if len(parts) != 3 or parts[0] != "jishi" or len(text) > 80:
        return None
    token = ApiToken.objects.live(at).filter(public=parts[1]).select_related("user").first()
    return token if token and hmac.compare_digest(token.digest, _digest(text)) else None


def note_use(token: ApiToken, *, at: datetime) -> None:
    """Remember when a token was used last, at most once a minute."""
    if token.last_used_at is None or at - token.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User) -> ApiToken:
    """End a token at once; its row stays, to tell when."""
    if not ApiToken.objects.governed_by(by).filter(pk=token.pk).exists():
        raise NotAllowed(NOT_YOURS)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
    return token


@transaction.atomic
def rotate_token(token: ApiToken, *, by: User) -> tuple[ApiToken, str]:
    """A new token of the same name, scopes and length of life; the old one works for another day, to change over.

    Raises Refused (`token_over`) for one that works no more.
    """
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    now = timezone.now()
    if not ApiToken.objects.governed_by(by).filter(pk=token.pk).exists():
        raise NotAllowed(NOT_YOURS)
    if not ApiToken.objects.live(now).filter(pk=token.pk).exists():
        raise Refused([TOKEN_OVER])
    days = max(1, round((token.expires_at - token.created_at) / timedelta(days=1)))
    fresh = make_token(token.user, by=by, name=token.name, scopes=token.scopes, days=min(days, LONGEST.days))
    token.expires_at = min(token.expires_at, now + OLD_TOKEN_LIVES)
    token.save(update_fields=["expires_at"])
    return fresh


@transaction.atomic
def make_service_account(organisation: Organisation, *, by: User, name: str, email: str) -> User:
    """Make an account for a program of the organisation; nobody can sign in as it, it only has tokens."""
    if not may_govern(by, organisation):
        raise NotAllowed(_("Only an admin of the organisation may make service accounts."))
    taken = WrongInput("email", "taken", _("There is an account with this address already."))
    with violation_means("accounts_user_email_key", taken):
        account = User.objects.create_user(email.strip(), None, name=tidy(name), service_of=organisation, in_care_of=by)
    account.memberships.create(
        organisation=organisation,
        role=Role.MEMBER,
        state=MembershipState.CONFIRMED,
        confirmed_by=by,
        confirmed_at=timezone.now(),
    )
    return account
