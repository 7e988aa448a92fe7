"""allauth with our outbox, our name field, our languages and our limits."""

from __future__ import annotations

from collections.abc import Sequence
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
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_redis.cache import RedisCache

from accounts import services
from accounts.adapters.campus import heed
from accounts.adapters.phones import WithPhones
from accounts.models import SignInFailure, User
from common.errors import Refused
from common.text import tidy
from notifications.services import post

log, security_log = structlog.get_logger(), structlog.get_logger("security")


def display_name(user: User) -> str:
    """How allauth's pages and mails call somebody."""
    return user.name


class AccountAdapter(WithPhones, DefaultAccountAdapter):
    """allauth with our outbox, our name field and our languages."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is wrong or no longer valid."),
    }
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
        super().save_user(request, user, form, commit=False)
        user.email = user.email or None
        if phone := form.cleaned_data.get("phone"):
            services.free_phone(phone)
            user.phone = phone
        if commit:
            user.save()
        return user

    def get_login_stages(self) -> list[str]:
        """Who has only a phone has proven it, and has no mail to confirm."""
        own = {"allauth.account.stages.EmailVerificationStage": "accounts.adapters.by_code.MailUnlessPhone"}
        return [own.get(stage, stage) for stage in super().get_login_stages()]

    def pre_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse | None:
        """No way in, by whatever factor, for a service account: behind it is no person."""
        if user.service_of_id:
            return self.respond_user_inactive(request, user)  # type: ignore[no-any-return]
        return super().pre_login(request, user, **details)  # type: ignore[no-any-return]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many wrong passwords are answered with 429, like any other limit; right ones are not counted."""
        try:
            if cache_answers():
                super().pre_authenticate(request, **credentials)
            else:
                account = credentials.get("email") or credentials.get("phone") or ""
                self.expected = expect_failure_from(request, f"account {account.lower()}")
        except ValidationError as error:
            raise too_often(request) from error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        user = super().authenticate(request, **credentials)
        if user and self.expected:
            services.forgive(self.expected)
        return user  # type: ignore[no-any-return]

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Whoever signs in on the English page has chosen English; the Chinese one is where everybody arrives."""
        if sociallogin := (details.get("signal_kwargs") or {}).get("sociallogin"):
            heed(user, sociallogin)
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
            services.join_by_roster(email_address.user)
        return confirmed


def too_often(request: HttpRequest) -> ImmediateHttpResponse:
    security_log.warning("held_up")
    return ImmediateHttpResponse(render(request, "429.html", status=429))


def expect_failure_from(request: HttpRequest, *whose: str) -> list[SignInFailure]:
    """Count a try in PostgreSQL before it is made, for `whose` and for where it comes from; too many are a 429."""
    try:
        return services.expect_failure(*whose, f"from {get_ip(request)}", at=timezone.now())
    except Refused as error:
        raise too_often(request) from error


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
