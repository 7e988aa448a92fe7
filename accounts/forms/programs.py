"""What programs work with: tokens, service accounts, webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms.signing_in import NameField
from accounts.models import User
from accounts.states import Scope
from notifications.states import EventKind


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
