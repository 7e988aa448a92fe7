"""Where other people's frameworks meet our accounts: allauth, middleware, DRF's authentication."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import translate_url
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation.trans_real import parse_accept_lang_header
from django_redis.cache import RedisCache
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions, permissions
from rest_framework.request import Request

from accounts import services
from accounts.models import ApiToken, SignInFailure, User
from accounts.states import Scope
from common.errors import Refused
from common.text import tidy
from notifications.services import post

log = structlog.get_logger()


def display_name(user: User) -> str:
    """How allauth's pages and mails call somebody."""
    return user.name


class AccountAdapter(DefaultAccountAdapter):
    """allauth with our outbox, our name field and our languages."""

    expected: Sequence[SignInFailure] = ()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Into the outbox: a request never talks to the mail server."""
        context = {**context, "current_site": {"name": _("Jishi"), "domain": urlsplit(settings.SITE_URL).netloc}}
        message = self.render_mail(template_prefix, email, context)
        body = message.body
        post(address=email, event=template_prefix.rpartition("/")[2], subject=str(message.subject), body=str(body))

    def format_email_subject(self, subject: str) -> str:
        return subject

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.name = tidy(form.cleaned_data["name"])
        user.language = translation.get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit)  # type: ignore[no-any-return]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many wrong passwords are answered with 429, like any other limit; right ones are not counted."""
        try:
            if cache_answers():
                super().pre_authenticate(request, **credentials)
            else:
                account = f"account {credentials.get('email', '').lower()}"
                self.expected = services.expect_failure(account, f"from {get_ip(request)}", at=timezone.now())
        except (ValidationError, Refused) as error:
            raise ImmediateHttpResponse(render(request, "429.html", status=429)) from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user and self.expected:
            services.forgive(self.expected)
        return user  # type: ignore[no-any-return]

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Whoever signs in on the English page has chosen English; the Chinese one is where everybody arrives."""
        if translation.get_language() == "en" and user.language != "en":
            services.prefer_language(user, "en")
        return super().post_login(request, user, **details)  # type: ignore[no-any-return]

    def clean_email(self, email: str) -> str:
        """Longer than its column is an error; allauth would cut it."""
        MaxLengthValidator(User._meta.get_field("email").max_length)(email)
        return super().clean_email(email)  # type: ignore[no-any-return]

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        confirmed = bool(super().confirm_email(request, email_address))
        if confirmed:
            services.trust_address(email_address.user, email_address.email)
        return confirmed


def cache_answers() -> bool:
    """Whether allauth's own limits count; where they do not, PostgreSQL counts wrong passwords."""
    cache.set("limits", 1, 10)
    answers = cache.get("limits") == 1
    if not answers:
        log.warning("limits_not_kept", reason="the cache does not answer")
    return answers


class CacheOrNone(RedisCache):  # type: ignore[misc]
    """Redis; while it is away, a cache in which nothing is found and everything can be put.

    allauth takes its locks with `add`: were that refused, nobody could sign up or ask for a new password.
    """

    def add(self, *args: Any, **kwargs: Any) -> bool:
        added = super().add(*args, **kwargs)
        return True if added is None else bool(added)  # None: the connection was refused or lost


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
