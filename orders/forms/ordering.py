"""Ordering by a published price, and the small forms of an order's page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.models import ResearchGroup
from common.fields import AskingForm
from instruments.rules import Question
from orders.states import Delivery, SampleAfter


class PlaceForm(AskingForm):
    """Which samples, the test's own questions, from whose wallet."""

    samples = forms.CharField(
        label=pgettext_lazy("order", "Samples"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One line for each sample: the name that stands on it."),
    )
    group = forms.TypedChoiceField(label=gettext_lazy("Paid by"), coerce=UUID, required=False, empty_value=None)
    delivery = forms.ChoiceField(
        label=gettext_lazy("How the samples come"),
        choices=[(each.value, each.label) for each in (Delivery.BRING, Delivery.MAIL)],
    )
    hazard = forms.CharField(label=gettext_lazy("Hazard (empty: none is known)"), max_length=300, required=False)
    sample_after = forms.ChoiceField(label=gettext_lazy("After the work"), choices=SampleAfter.choices)
    note = forms.CharField(
        label=gettext_lazy("Remark"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self, data: Any = None, *, questions: Sequence[Question], groups: Sequence[ResearchGroup], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        if groups:
            self.fields["group"].choices = [(str(each.pk), each.name) for each in groups]  # type: ignore[attr-defined]
        else:
            del self.fields["group"]
        self.ask(questions)

    def sample_names(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["samples"].splitlines() if line.strip()]

    def said(self) -> dict[str, Any]:
        names = ("group", "delivery", "hazard", "sample_after", "note")
        known = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        return {**known, "answers": self.answers()}
