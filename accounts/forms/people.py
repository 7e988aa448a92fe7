"""People, their organisations, firms and calendars."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms.signing_in import NameField
from accounts.models import Organisation, TierKind
from accounts.states import Proof
from notifications.states import Family, Way


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


class WaysForm(forms.Form):
    """By which way one is told, for each family of events."""

    def __init__(self, *args: Any, ways: list[Way], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(way.value, way.label) for way in ways]
        self.fields.update({each.value: forms.ChoiceField(label=each.label, choices=choices) for each in Family})


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


class ProofForm(forms.Form):
    proof = forms.ChoiceField(label=_("How they proved who they are"), choices=Proof.choices, widget=forms.RadioSelect)


class TierForm(forms.Form):
    kind = forms.ModelChoiceField(label=_("Tier"), queryset=TierKind.objects.all())
    number = forms.CharField(label=_("Evidence number"), max_length=80)
    issuer = forms.CharField(label=_("Issued by"), max_length=120)
    begins = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    ends = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), required=False)


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
