from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, SignInFailure, User
from common.errors import Refusal, Refused
from records.rules import kept_for

MOST_FAILURES, WITHIN = 10, kept_for("sign_in_failures")
TOO_MANY = Refusal("too_many_failures", _("Too many wrong passwords. Try again in a minute."))


def expect_failure(*sources: str, at: datetime) -> list[SignInFailure]:
    """Count a sign-in from each of `sources` as failed before it is tried; Refused after ten within a minute.

    Each row is committed before the rows are counted, hence no transaction: of attempts at the same moment none can
    overlook the others.
    """
    keys = [hashlib.sha256(source.encode()).hexdigest() for source in sources]
    expected = SignInFailure.objects.bulk_create([SignInFailure(key=key, at=at) for key in keys])
    recent = SignInFailure.objects.filter(key__in=keys, at__gt=at - WITHIN).values("key").annotate(times=Count("pk"))
    if recent.filter(times__gt=MOST_FAILURES).exists():
        forgive(expected)
        raise Refused([TOO_MANY])
    return expected


def forgive(failures: Iterable[SignInFailure]) -> None:
    """The password was right after all."""
    SignInFailure.objects.filter(pk__in=[failure.pk for failure in failures]).delete()


def forget_old_failures() -> int:
    """Delete the failures that count no more; returns how many."""
    return SignInFailure.objects.filter(at__lte=timezone.now() - WITHIN).delete()[0]


def mark_of(user: User) -> str:
    """The same on each line of an account in the log; whose it is, only who holds SECRET_KEY can tell
    (docs/running-it.md).
    """
    return salted_hmac("accounts.log", str(user.pk), algorithm="sha256").hexdigest()[:16]


def end_sessions(user: User) -> None:
    """Sign somebody out of every device, at once."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def sign_out_everywhere(user: User) -> None:
    """End every session and token of somebody, at once."""
    end_sessions(user)
    ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())
