"""The second factor: who owes it, what it is sealed with, and how often it may be guessed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import segno
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.adapters.signing_in import cache_answers, expect_failure_from, too_often
from accounts.forms import code_field
from accounts.models import User
from accounts.permissions import owes_second_factor
from common.sealed import seal_text, unseal_text

PURPOSE = "second factor"
SECOND_FACTOR_NEEDED = gettext_lazy("Your role needs a second step at sign-in. Show it on the portal's pages first.")
# What opens to somebody who owes a second factor: showing it, or where there is none yet, setting it up.
WAY_OUT = {"account_logout", "choose_language", "account_reauthenticate"}
TO_SHOW = WAY_OUT | {"mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
TO_SET_UP = WAY_OUT | {
    "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_email", "account_confirm_email",
    "account_email_verification_sent",
}  # fmt: skip


class Backend(AuthenticationBackend):
    """allauth's, whose reader of each request comes along with what they owe: no statement more."""

    def get_user(self, user_id: Any) -> User | None:
        reader = User.objects.reader(user_id)
        return reader if reader and self.user_can_authenticate(reader) else None


def lacks_second_factor(request: Any) -> bool:
    """Whether who asks by a session has to show a second factor, and has not."""
    if not request.user.is_authenticated or not owes_second_factor(request.user):
        return False
    records = get_authentication_records(request, request.user)
    return not any(record.get("method") == "mfa" for record in records)


class SecondFactorMiddleware:
    """Leads whoever owes a second factor to where it is shown or set up. The API's sessions are asked by `Session`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        if request.path.startswith("/api/") or not lacks_second_factor(request):
            return None
        has_one = Authenticator.objects.filter(user=request.user).exists()
        if request.resolver_match.view_name in (TO_SHOW if has_one else TO_SET_UP):
            return None
        there = reverse("mfa_reauthenticate" if has_one else "mfa_index")
        return HttpResponseRedirect(f"{there}?{urlencode({'next': request.get_full_path()})}")


def note_new_factor(request: HttpRequest, user: User, authenticator: Authenticator, **_more: Any) -> None:
    """Whoever has just set a factor up has shown it (a receiver of allauth's `authenticator_added`)."""
    record_authentication(request, user, method="mfa", id=authenticator.pk, type=authenticator.type)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's second factors under our name, with secrets that a dump of the database does not show."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy("Your role needs a second step: set up another way before."),
        "incorrect_code": gettext_lazy("This code is wrong or no longer valid."),
    }

    def get_totp_issuer(self) -> str:
        return _("Jishi")

    def build_totp_svg(self, url: str) -> str:
        picture = BytesIO()
        segno.make(url, error="m").save(picture, kind="svg", scale=5, border=4, light="white", xmldecl=False)
        return picture.getvalue().decode()

    def encrypt(self, text: str) -> str:
        return seal_text(PURPOSE, text)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal_text(PURPOSE, encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of somebody whose role needs it."""
        reader = User.objects.reader(authenticator.user_id)
        others = Authenticator.objects.filter(user=authenticator.user_id).exclude(pk=authenticator.pk)
        is_last = not others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists()
        return not (is_last and reader and owes_second_factor(reader))


class _GuessedNoOftener:
    """Codes count with the wrong passwords: the eleventh within a minute is answered with 429, Redis or no Redis."""

    def clean_code(self) -> str:
        request, expected = context.request, []
        try:
            if not cache_answers():
                expected = expect_failure_from(request, f"second factor {self.user.pk}")  # type: ignore[attr-defined]
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                raise too_often(request) from error
            raise
        services.forgive(expected)
        return code


class SecondFactorForm(_GuessedNoOftener, AuthenticateForm):  # type: ignore[misc]
    """After the password."""

    code = code_field()


class SecondFactorAgainForm(_GuessedNoOftener, ReauthenticateForm):  # type: ignore[misc]
    """Before something that matters."""

    code = code_field()
