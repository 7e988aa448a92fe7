"""Who asks, and in which language: middleware for pages, authentication and permission for the API."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import translate_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from drf_spectacular.authentication import SessionScheme
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from accounts import services
from accounts.adapters.second_factor import SECOND_FACTOR_NEEDED, lacks_second_factor
from accounts.models import ApiToken, User
from accounts.states import Scope


class ReaderMiddleware:
    """Speaks to people in the language that they chose.

    A page's language is in its address; who is signed in and has chosen the other one is sent to that address. The
    API has one address and listens to Accept-Language, else to the caller's own choice.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            speak(request, request.user if isinstance(request.user, User) else None)
        elif (there := self._in_their_language(request)) != request.get_full_path():
            return HttpResponseRedirect(there)
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            response["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response

    def _in_their_language(self, request: HttpRequest) -> str:
        here = request.get_full_path()
        if request.method != "GET" or not request.user.is_authenticated:
            return here
        wanted = request.user.language
        return here if wanted == translation.get_language() else translate_url(here, wanted)


def speak(request: HttpRequest | Request, user: User | None) -> None:
    """Choose the API's language for this request: what it accepts, else its user's, else Chinese."""
    accepted = parse_accept_lang_header(request.headers.get("Accept-Language", "").lower())
    own = [(user.language, 1.0)] if user else []
    translation.activate(_first_we_speak(tag for tag, _weight in [*accepted, *own]))


def _first_we_speak(tags: Iterable[str]) -> str:
    for tag in tags:
        with contextlib.suppress(LookupError):
            return translation.get_supported_language_variant(tag)
    return settings.LANGUAGE_CODE


class TokenAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer jishi_…`."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        token = services.token_of(text.strip(), at=now)
        if token is None:
            raise exceptions.AuthenticationFailed(_("The token is unknown, revoked or expired."))
        services.note_use(token, at=now)
        speak(request, token.user)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Session(authentication.SessionAuthentication):
    """A session of the pages, for whoever does not owe a second factor."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        known = super().authenticate(request)
        if known and lacks_second_factor(request._request):
            raise exceptions.PermissionDenied(SECOND_FACTOR_NEEDED, code="second_factor_needed")
        return known


class PageSessionScheme(SessionScheme):
    target_class = Session


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "jishi_…"}


class WithinScope(permissions.BasePermission):
    """Signed in (or the view says `public`), and no token does more than its scopes.

    A view names the scope of its unsafe methods as `scope`; reading needs `read`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return bool(getattr(view, "public", False)) and request.method in permissions.SAFE_METHODS
        if not isinstance(request.auth, ApiToken):
            return True
        if not hasattr(view, (request.method or "").lower()):
            return True  # the view has no such method, and says so
        needed = Scope.READ if request.method in permissions.SAFE_METHODS else view.scope
        return needed in request.auth.scopes
