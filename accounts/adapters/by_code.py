"""Signing in by a code that was sent to a phone or an address; the same page whoever reads there."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.stages import EmailVerificationStage
from allauth.core import context, ratelimit
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import services
from accounts.adapters.signing_in import cache_answers, expect_failure_from, too_often
from accounts.formats import is_phone, tidy_phone
from common.text import folded


def count_code_for(request: HttpRequest, address: str) -> None:
    """A code is asked for `address`: 429 after five in an hour; while Redis is away, after ten in a minute."""
    if not cache_answers():
        expect_failure_from(request, f"code for {address}")
    elif not ratelimit.consume(request, action="request_login_code", key=address):
        raise too_often(request)


class CodeRequestForm(RequestLoginCodeForm):  # type: ignore[misc]
    """One field for either; whether anybody is known there is nobody's business."""

    login = forms.CharField(
        label=gettext_lazy("Phone or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("email", "phone"):
            del self.fields[name]

    def clean_login(self) -> str:
        typed: str = self.cleaned_data["login"]
        phone, mail = tidy_phone(typed), folded(typed)
        if not is_phone(phone):
            try:
                validate_email(mail)
            except ValidationError:
                raise ValidationError(_("Enter a phone number or an e-mail address."), code="invalid") from None
        count_code_for(context.request, phone if is_phone(phone) else mail)
        user = services.person_by_phone(phone) if is_phone(phone) else services.person_by_mail(mail)
        self._user = user if user and user.service_of_id is None else None
        return typed

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data.get("login", "")
        phone = tidy_phone(typed)
        return {**self.cleaned_data, **({"phone": phone} if is_phone(phone) else {"email": folded(typed)})}


class MailUnlessPhone(EmailVerificationStage):  # type: ignore[misc]
    """A confirmed address, unless there is none: then the phone was proven a stage before."""

    def handle(self) -> tuple[Any, bool]:
        user = self.login.user
        if user and not user.email and user.phone_verified:
            return None, True
        return super().handle()  # type: ignore[no-any-return]
