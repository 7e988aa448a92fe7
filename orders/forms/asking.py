"""Asking: one sentence and a photo, then at most twelve questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from orders.models import Request
from orders.states import Delivery, Report, SampleAfter, SampleForm

PICTURES = {"accept": "image/jpeg,image/png,image/webp"}
DATE = {"type": "date"}
MAYBE = [("", "—")]


class FirstForm(forms.Form):
    """All that is needed to begin."""

    problem = forms.CharField(
        label=_("What do you want to find out?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One sentence is enough, for example: a bearing broke after 300 hours, why?"),
    )
    photo = forms.FileField(
        label=_("Photo (optional)"),
        required=False,
        widget=forms.FileInput(attrs=PICTURES),
        help_text=_("JPEG, PNG or WebP. Only you and the laboratories that you ask see it."),
    )


class QuestionsForm(forms.Form):
    """What laboratories need to know; whatever is left out they ask, or leave open."""

    problem = forms.CharField(
        label=_("1. The problem in your own words"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    photo = forms.FileField(
        label=_("Photo (a new one replaces the old)"), required=False, widget=forms.FileInput(attrs=PICTURES)
    )
    wanted = forms.CharField(label=_("2. Result or standard that you want"), max_length=500, required=False)
    sample_kind = forms.CharField(label=_("3. What the samples are"), max_length=200, required=False)
    sample_count = forms.IntegerField(label=_("How many"), min_value=1, max_value=500, required=False)
    sample_form = forms.ChoiceField(label=_("Form"), choices=[*MAYBE, *SampleForm.choices], required=False)
    is_hazardous = forms.BooleanField(
        label=_("4. They are hazardous (poisonous, flammable, infectious, radioactive)"), required=False
    )
    hazard = forms.CharField(label=_("Which hazard"), max_length=300, required=False)
    safety_sheet = forms.FileField(
        label=_("Safety data sheet (PDF)"), required=False, widget=forms.FileInput(attrs={"accept": ".pdf"})
    )
    sample_after = forms.ChoiceField(label=_("5. After the work"), choices=SampleAfter.choices)
    wanted_on = forms.DateField(
        label=_("7. Results wanted by"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d")
    )
    deadline = forms.DateField(label=_("At the latest"), required=False, widget=forms.DateInput(DATE, "%Y-%m-%d"))
    delivery = forms.ChoiceField(label=_("6. How the samples come"), choices=Delivery.choices)
    report = forms.ChoiceField(label=_("8. What you need"), choices=Report.choices)
    confidential = forms.BooleanField(label=_("9. It is confidential"), required=False)
    wants_subsidy = forms.BooleanField(label=_("10. We want a subsidy for it"), required=False)
    budget = forms.DecimalField(
        label=_("11. Budget at most (CNY)"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    contact = forms.CharField(label=_("12. Whom to call (name, phone)"), max_length=120, required=False)
    facilities = forms.MultipleChoiceField(
        label=_("Whom to ask"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=_("Nothing ticked: we choose up to four laboratories that fit."),
    )  # fmt: skip

    def __init__(self, data: Any = None, files: Any = None, *, offered: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, files, **kwargs)
        self.fields["facilities"].choices = offered  # type: ignore[attr-defined]

    def answers(self) -> dict[str, Any]:
        """What is written on the request itself."""
        apart = {"photo", "safety_sheet", "facilities", "is_hazardous"}
        return {name: value for name, value in self.cleaned_data.items() if name not in apart}


def as_initial(request: Request) -> dict[str, Any]:
    """What was answered so far."""
    names = (
        "problem", "wanted", "sample_kind", "sample_count", "sample_form", "hazard", "sample_after", "wanted_on",
        "deadline", "delivery", "report", "confidential", "wants_subsidy", "budget", "contact",
    )  # fmt: skip
    return {name: getattr(request, name) for name in names} | {"is_hazardous": bool(request.hazard)}
