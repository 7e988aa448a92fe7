from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class LeaveForm(forms.Form):
    """So that nobody leaves by one click: the address is typed once more."""

    address = forms.CharField(label=_("Type your e-mail address (or phone), to be sure"), max_length=254)

    def __init__(self, *args: Any, person: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        if address not in {(self.person.email or "").lower(), self.person.phone or ""} or not address:
            raise forms.ValidationError(_("This is not the address of this account."), code="other")
        return address
