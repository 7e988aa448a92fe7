"""What allauth asks about phones, answered by our services; text messages go into the outbox."""

from __future__ import annotations

from typing import Any

from allauth.account.fields import PhoneField as AllauthPhoneField
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import services
from accounts.formats import is_phone, tidy_phone
from accounts.models import User
from common.errors import WrongInput
from notifications.services import text_to


def reachable(number: str) -> None:
    if not is_phone(number):
        raise ValidationError(
            _("Enter a mobile number of the mainland, or one that begins with + and its country."), code="invalid_phone"
        )


class PhoneField(AllauthPhoneField):  # type: ignore[misc]
    """A number as it is stored: the mainland's without its country."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**{"validators": [reachable], "max_length": 20, **given})

    def to_python(self, value: Any) -> str:
        return tidy_phone(super().to_python(value))


class WithPhones:
    """allauth's hooks; a number that was only typed into a profile is none to it."""

    def phone_form_field(self, **given: Any) -> PhoneField:
        return PhoneField(**given)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        """None for a number that was only typed where there is a mail address to sign in with."""
        if user.phone and (user.phone_verified or not user.email):
            return user.phone, user.phone_verified
        return None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:
        if verified:
            services.prove_phone(user, phone)

    def set_phone_verified(self, user: User, phone: str) -> None:
        try:
            services.prove_phone(user, phone)
        except WrongInput as error:
            raise ValidationError(str(error.detail), code=error.code) from error

    def get_user_by_phone(self, phone: str) -> User | None:
        return services.person_by_phone(phone)

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_more: Any) -> None:
        with translation.override(user.language):
            text = _("Jishi: your code is %(code)s. It is valid for 10 minutes. Nobody of ours will ask you for it.")
            text_to(phone, event="sign_in_code", text=text % {"code": code})

    def send_account_already_exists_sms(self, phone: str) -> None:
        text_to(
            phone, event="account_already_exists", text=_("Jishi: this number has an account already. Sign in by code.")
        )
