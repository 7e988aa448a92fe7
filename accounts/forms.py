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
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, TierKind, User
from accounts.rules import can_be_seen
from accounts.states import Scope
from notifications.states import EventKind


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


class JoinForm(forms.Form):
    """Whoever has only a phone."""

    name = NameField(label=_("Name"), max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"] = get_adapter().phone_form_field(label=_("Phone"), required=True)


class ProfileForm(forms.Form):
    name = NameField(label=_("Name"), max_length=80)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    language = forms.ChoiceField(label=_("Language"), choices=[("zh-hans", "简体中文"), ("en", "English")])


class ClaimForm(forms.Form):
    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.order_by("name_zh"))
    number = forms.CharField(label=_("Student or staff number"), max_length=40, required=False)

    def leaving_out(self, organisations: Any) -> ClaimForm:
        """Not to be chosen: where the person stands already."""
        field: Any = self.fields["organisation"]
        field.queryset = field.queryset.exclude(pk__in=organisations)
        return self


class FirmForm(forms.Form):
    name_zh = NameField(label=_("Chinese name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=160, required=False)
    uscc = forms.CharField(label=_("Unified social credit code"), max_length=40)
    is_sme = forms.BooleanField(label=_("It is a small or medium-sized enterprise"), required=False)


class AddressForm(forms.Form):
    address = forms.CharField(label=_("Phone or e-mail"), max_length=254)


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("The code that was sent"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )


SCAN = {"accept": ".pdf,.jpg,.jpeg,.png,.webp"}


class VerificationForm(forms.Form):
    """What a firm is verified by."""

    licence = forms.FileField(
        label=_("Business licence"),
        help_text=_("A scan or photo: PDF, JPEG, PNG or WebP. Only officers and your firm's admins see it."),
        widget=forms.FileInput(attrs=SCAN),
    )
    legal_representative = NameField(label=_("Legal representative, as on the licence"), max_length=80)
    is_representative = forms.BooleanField(label=_("I am the legal representative"), required=False)
    letter = forms.FileField(
        label=_("Stamped letter of authorisation"),
        required=False,
        help_text=_("Only if you are not the legal representative: print the letter, have it stamped, scan it."),
        widget=forms.FileInput(attrs=SCAN),
    )


class VerdictForm(forms.Form):
    until = forms.DateField(label=_("Verified until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason: the firm reads it"), max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )


class TierForm(forms.Form):
    kind = forms.ModelChoiceField(label=_("Tier"), queryset=TierKind.objects.all())
    number = forms.CharField(label=_("Evidence number"), max_length=80)
    issuer = forms.CharField(label=_("Issued by"), max_length=120)
    begins = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    ends = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), required=False)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=60)
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    days = forms.IntegerField(label=_("Days until it expires"), min_value=1, max_value=366, initial=90)


class ServiceAccountForm(forms.Form):
    name = NameField(label=_("Name of the program"), max_length=80)
    email = forms.EmailField(label=_("E-mail of whoever looks after it"), max_length=254)


class CareForm(forms.Form):
    email = forms.EmailField(label=_("E-mail of the member who answers for it"), max_length=254)


MOMENT = {"type": "datetime-local"}


class WebhookKindsForm(forms.Form):
    description = forms.CharField(label=_("What is it for?"), max_length=200, required=False)
    kinds = forms.MultipleChoiceField(
        label=_("Called for"),
        choices=[(kind.value, kind.value) for kind in EventKind if kind != EventKind.PING],
        initial=[kind.value for kind in EventKind if kind != EventKind.PING],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "kinds"}),
    )


class WebhookForm(WebhookKindsForm):
    url = forms.CharField(
        label=_("Address of your program"),
        max_length=500,
        validators=[URLValidator(schemes=["http", "https"])],
        help_text=_("On the open internet: inner addresses are not called."),
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )
    owner = forms.ModelChoiceField(label=_("It hears what this account may see"), queryset=User.objects.none())

    field_order = ["url", "owner", "description", "kinds"]

    def of(self, accounts: Any) -> WebhookForm:
        """For which accounts somebody may add one."""
        field: Any = self.fields["owner"]
        field.queryset, field.empty_label = accounts, None
        return self


class SpanForm(forms.Form):
    since = forms.DateTimeField(label=_("From"), widget=forms.DateTimeInput(MOMENT, "%Y-%m-%dT%H:%M"))
    until = forms.DateTimeField(label=_("To"), widget=forms.DateTimeInput(MOMENT, "%Y-%m-%dT%H:%M"))


class AdmitForm(forms.Form):
    email = forms.EmailField(label=_("E-mail of the colleague"))


class RosterForm(forms.Form):
    file = forms.FileField(
        label=_("Roster file"),
        help_text=_(
            "CSV or XLSX with the columns name, email, phone, number, role and last_day, or their Chinese names: an "
            "e-mail or a phone in each row, no role for a plain member, no last day for an open end. At most 1 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class HolidayForm(forms.Form):
    """What the State Council announced for a year."""

    file = forms.FileField(
        label=_("Holidays and make-up days of one year"),
        help_text=_(
            "CSV with the columns day, kind (holiday, make_up), name_zh and name_en, or their Chinese names; or an ICS "
            "calendar. A year that is there already is replaced. At most 1 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.ics"}),
    )
    source = forms.CharField(label=_("Where it was announced"), max_length=200, required=False)


class CalendarForm(forms.Form):
    file = forms.FileField(
        label=_("Calendar file"),
        help_text=_(
            "CSV with the columns day, kind (holiday, closed, make_up, open), follows (Monday to Sunday), name_zh and "
            "name_en, or their Chinese names; or an ICS calendar with events of whole days. At most 1 MB."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.ics"}),
    )
