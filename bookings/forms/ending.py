"""The end of an instrument's record."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class RetireForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it retired?"), max_length=500, help_text=_("Everybody who has booked it gets this by mail.")
    )


class MergeForm(forms.Form):
    into = forms.ChoiceField(label=_("Merge it into"))

    def __init__(self, data: Any = None, *, others: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["into"].choices = [("", "—"), *((each.slug, each.told_apart) for each in others)]  # type: ignore[attr-defined]
