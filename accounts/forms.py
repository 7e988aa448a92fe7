from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm as AllauthResetPasswordForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.states import Scope


class SignupForm(AllauthSignupForm):  # type: ignore[misc]
    """E-mail, password, and the name by which laboratories will know the person."""

    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(label=_("Name"), max_length=80)
        self.order_fields(self.field_order)


class ResetPasswordForm(AllauthResetPasswordForm):  # type: ignore[misc]
    """A new password by mail, for people: a service account has none."""

    def clean_email(self) -> str:
        address: str = super().clean_email()
        self.users: list[User] = [user for user in self.users if user.service_of_id is None]
        return address


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])


class ClaimForm(forms.Form):
    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.order_by("name_zh"))
    number = forms.CharField(label=_("Student or staff number"), max_length=40, required=False)


class FirmForm(forms.Form):
    name_zh = forms.CharField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    uscc = forms.CharField(label=_("Unified social credit code"), max_length=40)
    is_sme = forms.BooleanField(label=_("It is a small or medium-sized enterprise"), required=False)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=366, initial=90)


class ServiceAccountForm(forms.Form):
    name = forms.CharField(label=_("Name of the program"), max_length=80)
    email = forms.EmailField(label=_("E-mail of whoever looks after it"))


class AdmitForm(forms.Form):
    email = forms.EmailField(label=_("E-mail of the colleague"))


class CalendarForm(forms.Form):
    file = forms.FileField(
        label=_("Calendar file"),
        help_text=_(
            "CSV with the columns day, kind (holiday, closed, make_up, open), follows (Monday to Sunday), name_zh and "
            "name_en, or their Chinese names; or an ICS calendar with events of whole days. At most 1 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.ics"}),
    )
