"""What coordinators fill in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import fields_for_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.interval import Interval
from common.words import short_day
from outreach.forms.family import day_input
from outreach.models import Programme

BASICS = ["kind", "slug", "name_zh", "name_en", "summary_zh", "summary_en", "about_zh", "about_en"]
FOR_WHOM = ["age_from", "age_to", "grade_from", "grade_to", "children_per_mentor"]
MONEY = ["fee", "includes_zh", "includes_en", "excludes_zh", "excludes_en"]
TOLD = [
    *("meeting_point_zh", "meeting_point_en", "packing_zh", "packing_en", "meals_zh", "meals_en"),
    *("lodging_zh", "lodging_en", "unsuitable_zh", "unsuitable_en", "insurance_zh", "insurance_en"),
    *("emergency_phone", "filing_number"),
]
CLOCKS = ["offer_hours", "pay_hours", "keep_days"]
COLUMNS = [*BASICS, *FOR_WHOM, *MONEY, *TOLD, *CLOCKS]
STEP = re.compile(r"\s*(\d{1,3})\D+?(\d{1,3})\s*%?\s*")
LINE = re.compile(r"\s*(\d{1,2})\s+(\d{1,2}):(\d\d)\s*[-–—]\s*(\d{1,2}):(\d\d)\s+(.+)")


class ProgrammeForm(forms.Form):
    """A programme, with what parents are told."""

    refund_table = forms.CharField(
        label=gettext_lazy("refund table: a line for each step, days before and percent"), required=False,
        widget=forms.Textarea({"rows": 3, "placeholder": "7 100\n2 50"}),
        help_text=gettext_lazy("“7 100”: who cancels at least 7 days before the first day gets everything back."),
    )  # fmt: skip

    def clean_refund_table(self) -> list[dict[str, int]]:
        steps = []
        for line in filter(str.strip, self.cleaned_data["refund_table"].splitlines()):
            found = STEP.fullmatch(line)
            if not found:
                raise ValidationError(_("“%(line)s” is no step: write the days and the percent.") % {"line": line[:40]})
            steps.append({"days_before": int(found[1]), "percent": int(found[2])})
        return steps

    @property
    def parts(self) -> list[tuple[Any, list[Any]]]:
        """Its fields under their headings."""
        named = [
            (gettext_lazy("What it is"), BASICS),
            (gettext_lazy("For whom"), FOR_WHOM),
            (gettext_lazy("What it costs"), [*MONEY, "refund_table"]),
            (gettext_lazy("What parents are told"), TOLD),
            (gettext_lazy("How long one waits"), CLOCKS),
        ]
        return [(name, [self[each] for each in fields]) for name, fields in named]


LONG = [name for name in COLUMNS if name.startswith(("about", "includes", "excludes", "packing", "unsuitable"))]
_columns = fields_for_model(Programme, fields=COLUMNS, widgets={name: forms.Textarea({"rows": 3}) for name in LONG})
ProgrammeForm.base_fields = {**_columns, **ProgrammeForm.base_fields}


def refund_lines(table: Iterable[dict[str, int]]) -> str:
    return "\n".join(f"{step['days_before']} {step['percent']}" for step in table)


class ItineraryForm(forms.Form):
    """What happens when, a line each."""

    lines = forms.CharField(
        label=gettext_lazy("a line for each item: day, from–to, what | in English | where | in English"),
        widget=forms.Textarea({"rows": 6, "placeholder": "1 09:00-10:30 看显微镜 | Microscope | B108 | Room B108"}),
    )  # fmt: skip

    def clean_lines(self) -> list[dict[str, Any]]:
        rows = []
        for line in filter(str.strip, self.cleaned_data["lines"].splitlines()):
            found = LINE.fullmatch(line)
            day, *minutes = [int(each) for each in found.groups()[:5]] if found else [0, 24, 0, 0, 0]
            starts, ends = minutes[0] * 60 + minutes[1], minutes[2] * 60 + minutes[3]
            if not found or not 1 <= day <= 31 or not starts < ends <= 1440:
                raise ValidationError(
                    _("“%(line)s” is no item: write day, from–to and what.") % {"line": line.strip()[:40]}
                )
            words = [word.strip()[:120] for word in found[6].split("|")][:4]
            texts = dict(zip(("title_zh", "title_en", "place_zh", "place_en"), words, strict=False))
            rows.append(
                {"day": day, "starts_minute": starts, "ends_minute": ends, **{k: v[:120] for k, v in texts.items()}}
            )
        return rows


class ConsentTextForm(forms.Form):
    text_zh = forms.CharField(
        label=gettext_lazy("consent and code of conduct (Chinese)"), max_length=8000, widget=forms.Textarea({"rows": 6})
    )
    text_en = forms.CharField(
        label=gettext_lazy("consent and code of conduct (English)"), max_length=8000, required=False,
        widget=forms.Textarea({"rows": 6}),
    )  # fmt: skip


class SpanForm(forms.Form):
    """From when to when, on Dalian's clock."""

    starts_at = forms.DateTimeField(
        label=gettext_lazy("from"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )  # fmt: skip
    ends_at = forms.DateTimeField(
        label=gettext_lazy("to"), widget=forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"starts_at", "ends_at"} <= given.keys():
            if any(not 2000 <= given[name].year <= 2100 for name in ("starts_at", "ends_at")):
                self.add_error("starts_at", _("The time is out of range."))
            elif given["starts_at"] >= given["ends_at"]:
                self.add_error("ends_at", _("The end must be after the start."))
            else:
                given["interval"] = Interval(given["starts_at"], given["ends_at"])
        return given


class SessionForm(SpanForm):
    places = forms.IntegerField(label=gettext_lazy("places"), min_value=1, max_value=2000)


class NeedForm(SpanForm):
    slug = forms.ChoiceField(label=gettext_lazy("instrument or room"))

    def __init__(self, data: Any = None, *, choices: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["slug"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]


class MentorForm(forms.Form):
    """A mentor by mail address, and the day of the background check."""

    email = forms.EmailField(label=gettext_lazy("mail address of the mentor"))
    checked_on = day_input(
        label=gettext_lazy("background checked on"), required=False,
        help_text=gettext_lazy("Only the day is kept. A check counts for a year."),
    )  # fmt: skip


class SafetyForm(forms.Form):
    day = forms.TypedChoiceField(label=gettext_lazy("day"), coerce=date.fromisoformat)
    name = forms.CharField(label=gettext_lazy("safety officer"), max_length=80)
    phone = forms.CharField(label=gettext_lazy("phone"), max_length=40, widget=forms.TextInput({"type": "tel"}))

    def __init__(self, data: Any = None, *, days: Iterable[date], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["day"].choices = [(day.isoformat(), short_day(day)) for day in days]  # type: ignore[attr-defined]


class PlacesForm(forms.Form):
    places = forms.IntegerField(label=gettext_lazy("places"), min_value=1, max_value=2000)
