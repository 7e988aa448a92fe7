"""Joining, signing in, and the second step: allauth's forms in our words."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import ConfirmLoginCodeForm, VerifyPhoneForm
from allauth.account.forms import LoginForm as AllauthLoginForm
from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.socialaccount.forms import SignupForm as SocialSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.rules import can_be_seen


def code_field() -> forms.CharField:
    """For a code that was sent, or that an app shows."""
    typed = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})
    return forms.CharField(label=_("Code"), max_length=40, widget=typed)


class NameField(forms.CharField):
    """A name that people can see."""

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not can_be_seen(value):
            raise forms.ValidationError(_("Nothing of this name can be seen."), code="invisible")


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """The password, with whichever of the two somebody has."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Phone or e-mail")
        self.fields["login"].widget.attrs = {"autocomplete": "username"}
        self.fields["remember"].label = _("Stay signed in on this device")


class CodeBackForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    code = code_field()


class PhoneBackForm(VerifyPhoneForm):  # type: ignore[misc]
    code = code_field()


class SetUpAppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = code_field()


class NewKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A key, and what its owner calls it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("What you call it")
        self.fields["passwordless"].label = _("It also signs in without a password (a passkey)")
        self.fields["passwordless"].help_text = ""


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail, password, and the name by which laboratories will know the person."""

    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["phone"]  # proven later, by a code; who has only a phone joins on a page of their own
        self.fields["name"] = NameField(label=_("Name"), max_length=80)
        self.order_fields(self.field_order)


class CampusSignupForm(SocialSignupForm):  # type: ignore[misc]
    """Whoever comes from a campus for the first time: it told us next to nothing of them."""

    field_order = ["name", "number", "phone", "email"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = NameField(label=_("Name"), max_length=80)
        self.fields["number"] = forms.CharField(
            label=_("Student or staff number"), max_length=40, required=False, empty_value=""
        )
        self.fields["phone"].help_text = _("A phone or an e-mail is enough. A code or a link goes there.")
        self.fields["email"].label = _("E-mail")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not given.get("phone") and not given.get("email"):
            self.add_error("phone", _("Enter a phone number or an e-mail address."))
        return given


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """A new password by mail, for people: a service account has none."""

    def clean_email(self) -> str:
        address: str = super().clean_email()
        self.users: list[User] = [user for user in self.users if user.service_of_id is None]
        return address


class AddEmailForm(AllauthAddEmailForm):  # type: ignore[misc]
    """Another address to sign in with: whoever holds the address holds the account, so the password is asked for."""

    password = PasswordField(label=_("Current password"), autocomplete="current-password")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        adapter = get_adapter()
        if not adapter.reauthenticate(self.user, password):
            raise adapter.validation_error("incorrect_password")
        return password
