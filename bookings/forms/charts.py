"""Which time and which instrument the figures of a laboratory are about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.availability import local_midnight
from bookings.forms.booking import IN_OUR_CENTURY
from common.interval import Interval
from instruments.models import Instrument

WEEKS = [4, 12, 52]
USUAL_WEEKS = 12
LONGEST_YEARS = 3


def day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    return forms.DateField(label=label, required=False, validators=IN_OUR_CENTURY, widget=widget)


class ChartsForm(forms.Form):
    """The last weeks, or from one day to another, both included; one instrument, or all that are booked here."""

    weeks = forms.TypedChoiceField(choices=[(n, n) for n in WEEKS], coerce=int, empty_value=None, required=False)

    def __init__(self, data: Any, *, instruments: Sequence[Instrument], zone: ZoneInfo, now: datetime) -> None:
        super().__init__(data)
        self.zone, self.today = zone, now.astimezone(zone).date()
        self.fields["from"] = day_field(gettext_lazy("From"))
        self.fields["to"] = day_field(gettext_lazy("To (included)"))
        self.fields["instrument"] = forms.ChoiceField(
            label=gettext_lazy("Instrument"),
            choices=[("", _("all that are booked here")), *((each.slug, each.name) for each in instruments)],
            required=False,
        )

    def clean_from(self) -> date | None:
        return self._not_to_come("from")

    def clean_to(self) -> date | None:
        return self._not_to_come("to")

    def _not_to_come(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        if day and day > self.today:
            raise forms.ValidationError(_("This day is still to come."))
        return day

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "weeks" in self.errors:
            self.errors.pop("weeks")
            self.add_error(None, _("There is no such period here: choose one, or say from which day to which."))
        first, last = given.get("from"), given.get("to")
        if first and not last and "to" not in self.errors:
            self.add_error("to", _("Say up to which day."))
        elif last and not first and "from" not in self.errors:
            self.add_error("from", _("Say from which day."))
        elif first and last and first > last:
            self.add_error("to", _("The last day is before the first."))
        elif first and last and last - first > timedelta(days=LONGEST_YEARS * 366):
            self.add_error("from", _("At most %(n)s years can be looked at together.") % {"n": LONGEST_YEARS})
        return given

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day of the period; whole weeks end with yesterday."""
        given = self.cleaned_data
        if given.get("from"):
            return given["from"], given["to"]
        return self.today - timedelta(weeks=self.weeks_chosen or USUAL_WEEKS), self.today - timedelta(days=1)

    @property
    def weeks_chosen(self) -> int | None:
        """How many weeks, where the period is that and not from a day to a day."""
        given = self.cleaned_data
        return None if given.get("from") or self.errors else given.get("weeks") or USUAL_WEEKS

    @property
    def window(self) -> Interval:
        first, last = self.days
        return Interval(local_midnight(first, self.zone), local_midnight(last + timedelta(days=1), self.zone))
