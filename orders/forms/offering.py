"""An offer: up to six lines, the day, what it rests on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.states import PayWhen

LINES = 6
PAY = [(each.value, each.label) for each in (PayWhen.AFTER_CONFIRMATION, PayWhen.BEFORE_RESULTS)]


class LineForm(forms.Form):
    name_zh = forms.CharField(label=_("What"), max_length=120, required=False)
    quantity = forms.DecimalField(
        label=_("Quantity"), required=False, initial=1, widget=forms.NumberInput({"step": "any"})
    )
    unit = forms.CharField(label=_("Unit"), max_length=20, required=False)
    unit_price = forms.DecimalField(
        label=_("Unit price incl. VAT (CNY)"), required=False, widget=forms.NumberInput({"step": "0.01", "min": "0"})
    )

    def is_empty(self) -> bool:
        return not any(self.cleaned_data.get(name) for name in ("name_zh", "unit_price"))


LineRows = forms.formset_factory(LineForm, extra=LINES, max_num=20, validate_max=True)


class OfferForm(forms.Form):
    results_by = forms.DateField(label=_("Results by"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    standard = forms.CharField(label=_("Standard"), max_length=200, required=False)
    accreditation = forms.CharField(label=_("Accreditation"), max_length=200, required=False)
    leaves_out = forms.CharField(
        label=_("What it leaves out (only if part of it cannot be done)"), max_length=500, required=False
    )
    pay_when = forms.ChoiceField(label=_("To be paid"), choices=PAY)
    note = forms.CharField(label=_("Remark"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
    lines = forms.CharField(required=False, widget=forms.HiddenInput)  # objections to lines are shown here

    def said(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "lines"}
