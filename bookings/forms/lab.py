"""What a laboratory enters about itself: shape only; the services check the rest."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ResearchGroup
from bookings.availability import WeeklyHours
from bookings.forms.booking import IN_OUR_CENTURY
from bookings.models import TrainingNeed
from bookings.states import Severity, TrainingLevel
from common.interval import Interval
from common.words import clock_of, weekday_name
from instruments.models import Facility, Instrument

STRETCH = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})")
A_MONDAY = date(2024, 1, 1)


class StretchesField(forms.CharField):
    """Times of a day as people write them: `08:00-12:00, 13:30-18:00`; empty is closed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 120, **kwargs})
        self.widget.attrs["placeholder"] = "08:00-12:00, 13:30-18:00"

    def clean(self, value: Any) -> list[tuple[int, int]]:
        text = super().clean(value).replace("：", ":").replace("，", ",")
        parts = [part.strip() for part in text.split(",") if part.strip()]
        found = sorted(self._stretch(part) for part in parts)
        if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
            raise ValidationError(_("These times overlap each other."))
        return found

    def _stretch(self, part: str) -> tuple[int, int]:
        match = STRETCH.fullmatch(part)
        if not match:
            raise ValidationError(_("Write times like 08:00-12:00, 13:30-18:00."))
        hours, minutes, last_hours, last_minutes = (int(each) for each in match.groups())
        opens, closes = hours * 60 + minutes, last_hours * 60 + last_minutes
        if not 0 <= opens < closes <= 1440 or minutes > 59 or last_minutes > 59:
            raise ValidationError(_("“%(part)s” is no time of one day.") % {"part": part})
        return opens, closes


def written(stretches: list[tuple[int, int]]) -> str:
    """The other way round, for showing what is there."""
    return ", ".join(f"{clock_of(opens)}-{clock_of(closes)}" for opens, closes in sorted(stretches))


class HoursForm(forms.Form):
    """A week: one field for each day."""

    def __init__(self, data: Any = None, *, hours: list[WeeklyHours] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for weekday in range(7):
            name = weekday_name(A_MONDAY + timedelta(days=weekday))
            known = [(each.opens, each.closes) for each in hours or [] if each.weekday == weekday]
            self.fields[f"day_{weekday}"] = StretchesField(label=name, initial=written(known))

    def hours(self) -> list[WeeklyHours]:
        return [WeeklyHours(day, *each) for day in range(7) for each in self.cleaned_data[f"day_{day}"]]


class LocalMomentField(forms.DateTimeField):
    """A wall-clock time of the facility."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput({"type": "datetime-local"}, "%Y-%m-%dT%H:%M")
        super().__init__(**{"widget": widget, "input_formats": ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        found = super().to_python(value)
        return found.replace(tzinfo=None) if found else None


class SpanForm(forms.Form):
    """From and to, in the facility's zone."""

    starts_at = LocalMomentField(label=gettext_lazy("From"))
    ends_at = LocalMomentField(label=gettext_lazy("To"))

    def __init__(self, data: Any = None, *, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.zone = zone

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        start, end = given.get("starts_at"), given.get("ends_at")
        if start and end:
            if not 2000 <= start.year <= end.year <= 2100:
                self.add_error("starts_at", _("The time is out of range."))
            elif end <= start:
                self.add_error("ends_at", _("The end must be after the start."))
            else:
                given["interval"] = Interval(start.replace(tzinfo=self.zone), end.replace(tzinfo=self.zone))
        return given


class ClosureForm(SpanForm):
    reason_zh = forms.CharField(label=gettext_lazy("Reason (Chinese)"), max_length=120)
    reason_en = forms.CharField(label=gettext_lazy("Reason (English)"), max_length=160, required=False)


class ExceptionForm(forms.Form):
    day = forms.DateField(
        label=gettext_lazy("Day"), validators=IN_OUR_CENTURY, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    stretches = StretchesField(label=gettext_lazy("Open (empty: closed all day)"))
    reason_zh = forms.CharField(label=gettext_lazy("Reason (Chinese)"), max_length=120, required=False)
    reason_en = forms.CharField(label=gettext_lazy("Reason (English)"), max_length=160, required=False)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day < timezone.localdate():
            raise forms.ValidationError(_("This day is past."))
        return day


class MaintenanceForm(SpanForm):
    title = forms.CharField(label=gettext_lazy("What is done"), max_length=120, required=False)


class MessageForm(SpanForm):
    text = forms.CharField(label=gettext_lazy("Message"), max_length=4000, widget=forms.Textarea({"rows": 4}))


class TrainingForm(forms.Form):
    """Who was trained, on what, how well, until when."""

    email = forms.EmailField(label=gettext_lazy("E-mail address of the person"))
    instrument = forms.ModelChoiceField(
        label=gettext_lazy("Instrument"), queryset=Instrument.objects.none(), required=False,
        empty_label=gettext_lazy("all instruments of the laboratory"),
    )  # fmt: skip
    level = forms.TypedChoiceField(
        label=gettext_lazy("Level"), choices=TrainingLevel.choices[1:], coerce=int, initial=TrainingLevel.INDEPENDENT
    )
    until = forms.DateField(
        label=gettext_lazy("Valid until (empty: without end)"),
        validators=IN_OUR_CENTURY,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        required=False,
    )

    def __init__(self, *args: Any, place: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if isinstance(place, Facility):
            instruments = Instrument.objects.filter(facility=place)
            self.fields["instrument"].queryset = instruments  # type: ignore[attr-defined]
        else:
            del self.fields["instrument"]


class NeedForm(forms.ModelForm):  # type: ignore[type-arg]
    """What everybody needs first at a place; no name, no need."""

    class Meta:
        model = TrainingNeed
        fields = ["name_zh", "name_en", "level", "valid_days"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name_zh"].required = False


class OperatorForm(HoursForm):
    """What an operator can run, and when they work."""

    instruments = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Runs these instruments"), queryset=Instrument.objects.none(), required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip

    def __init__(self, *args: Any, facility: Facility, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instruments"].queryset = Instrument.objects.filter(facility=facility)  # type: ignore[attr-defined]


class FaultForm(forms.Form):
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), choices=Severity.choices, initial=Severity.MINOR)
    text = forms.CharField(label=gettext_lazy("What is wrong"), max_length=1000, widget=forms.Textarea({"rows": 3}))


class UsageForm(SpanForm):
    user_name = forms.CharField(label=gettext_lazy("Who used it"), max_length=80)
    group = forms.ModelChoiceField(
        label=gettext_lazy("Research group"), queryset=ResearchGroup.objects.none(), required=False, empty_label="—"
    )
    samples = forms.IntegerField(label=gettext_lazy("Samples"), min_value=0, max_value=100_000, required=False)
    note = forms.CharField(label=gettext_lazy("Condition, remarks"), max_length=500, required=False)
    reason = forms.CharField(label=gettext_lazy("Why it is entered late"), max_length=200, required=False)

    def __init__(self, *args: Any, groups: QuerySet[ResearchGroup], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
