"""What a lab admin writes when the answer is not yes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class DeclineForm(forms.Form):
    # Whether there is a reason at all is the service's to judge: it says what the reason is for.
    reason = forms.CharField(
        label=_("Reason: the requester reads it"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2, "maxlength": 500}),
    )


class AskForm(forms.Form):
    question = forms.CharField(
        label=_("Question to the requester"),
        max_length=1000,
        required=False,
        help_text=_("The time stays held until the answer comes."),
        widget=forms.Textarea({"rows": 3, "maxlength": 1000}),
    )
