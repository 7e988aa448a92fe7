"""Each sign-in and each change of what one signs in with leaves a line in the log: what, by which way, and no name.

Receivers of Django's and allauth's signals; our own models have none.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from allauth.account import signals as account
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as auth
from django.http import HttpRequest

from accounts.models import User
from accounts.services import mark_of

log = structlog.get_logger("security")

CHANGES = {
    "password_changed": account.password_changed,
    "password_set": account.password_set,
    "password_reset": account.password_reset,
    "address_changed": account.email_changed,
    "second_factor_added": mfa.authenticator_added,
    "second_factor_removed": mfa.authenticator_removed,
    "second_factor_renewed": mfa.authenticator_reset,
    "second_factor_shown": mfa.authenticator_used,
}
FAILURES = {"code": account.login_code_rejected, "second factor": mfa.authentication_failed}


def listen() -> None:
    """Connect everything; a receiver made on the spot is kept by its signal."""
    auth.user_logged_in.connect(_signed_in)
    auth.user_logged_out.connect(_signed_out)
    auth.user_login_failed.connect(_failed_by_password)
    for event, signal in CHANGES.items():
        signal.connect(partial(_changed, event), weak=False)
    for method, signal in FAILURES.items():
        signal.connect(partial(_failed, method), weak=False)


def _signed_in(request: HttpRequest, user: User, **_more: Any) -> None:
    methods = [record.get("method", "") for record in get_authentication_records(request, user)]
    log.info("signed_in", who=mark_of(user), methods=methods)


def _signed_out(request: HttpRequest, user: User | None, **_more: Any) -> None:
    if user:
        refusal = getattr(request, "came_too_late", None)
        log.info("signed_out", who=mark_of(user), why=refusal.code if refusal else "asked")


def _failed_by_password(**_more: Any) -> None:
    """What was typed may be somebody's address, or the password in the wrong field."""
    log.info("sign_in_failed", method="password")


def _failed(method: str, /, user: User | None = None, **_more: Any) -> None:
    log.info("sign_in_failed", method=method, **({"who": mark_of(user)} if user else {}))


def _changed(event: str, /, user: User, authenticator: Authenticator | None = None, **_more: Any) -> None:
    log.info(event, who=mark_of(user), **({"method": str(authenticator.type)} if authenticator else {}))
