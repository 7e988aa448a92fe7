"""The booking form: shape only; the rules are asked by the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ResearchGroup, User
from billing.models import FundCode, Wallet
from bookings.availability import next_on_grid
from bookings.rules import Terms
from bookings.states import ASKED_CHOICES, LONGEST_HELD, OperatorUse, Purpose
from common.api import EARLIEST_YEAR, LATEST_YEAR
from common.fields import AskingForm
from common.interval import Interval
from instruments.rules import Question

# The same bounds as the API's: a date far outside is a slip of the finger, and arithmetic with it overflows.
IN_OUR_CENTURY = [MinValueValidator(date(EARLIEST_YEAR, 1, 1)), MaxValueValidator(date(LATEST_YEAR, 12, 31))]
USUAL_LENGTHS = [timedelta(minutes=each) for each in (15, 30, 60, 120, 180, 240, 480, 720, 1440)]
MOST_LENGTHS = 6
FLEXIBLE = [
    (0, gettext_lazy("no, only this time")),
    (30, gettext_lazy("half an hour earlier or later")),
    (60, gettext_lazy("an hour earlier or later")),
    (120, gettext_lazy("two hours earlier or later")),
    (240, gettext_lazy("half a day earlier or later")),
]


class BookingForm(AskingForm):
    """When, for what, and the instrument's own questions; times are those of the facility's zone."""

    day = forms.DateField(
        label=gettext_lazy("Day"), validators=IN_OUR_CENTURY, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    start = forms.TimeField(label=gettext_lazy("From"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    end_day = forms.DateField(
        label=gettext_lazy("Until (another day)"),
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
        validators=IN_OUR_CENTURY,
        required=False,
    )
    end = forms.TimeField(label=gettext_lazy("To"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    purpose = forms.ChoiceField(
        label=gettext_lazy("Purpose"),
        choices=ASKED_CHOICES,
        initial=Purpose.RESEARCH,
    )
    title = forms.CharField(label=gettext_lazy("Title (optional)"), max_length=120, required=False)
    flexible_minutes = forms.TypedChoiceField(
        label=gettext_lazy("Would another time do?"), choices=FLEXIBLE, coerce=int, required=False, empty_value=0
    )
    group = forms.TypedChoiceField(label=gettext_lazy("Research group"), coerce=UUID, required=False, empty_value=None)
    payer = forms.TypedChoiceField(label=gettext_lazy("Who pays"), coerce=UUID, required=False, empty_value=None)
    fund_code = forms.TypedChoiceField(
        label=gettext_lazy("Project number"), coerce=UUID, required=False, empty_value=None
    )
    assisted = forms.BooleanField(label=gettext_lazy("With an operator"), required=False)
    operator = forms.TypedChoiceField(
        label=gettext_lazy("Which operator?"), coerce=UUID, required=False, empty_value=None
    )
    on_behalf_of = forms.EmailField(
        label=gettext_lazy("For somebody else (e-mail address, staff and PIs only)"), required=False
    )
    overrule_because = forms.CharField(
        label=gettext_lazy("Staff: why the rules above are set aside"), max_length=500, required=False
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(
        self,
        data: Any = None,
        *,
        terms: Terms,
        questions: Sequence[Question],
        groups: Sequence[ResearchGroup] = (),
        operators: Sequence[User] = (),
        payers: Sequence[Wallet] = (),
        fund_codes: Sequence[FundCode] = (),
        for_others: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.terms = terms
        if len(groups) > 1:
            named = [("", "—"), *((str(each.pk), each.name) for each in groups)]
            self.fields["group"].choices = named  # type: ignore[attr-defined]
        else:
            del self.fields["group"]
        self._offer("payer", [(str(each.pk), each.name) for each in payers] if len(payers) > 1 else [], _("as usual"))
        self._offer("fund_code", [(str(each.pk), str(each)) for each in fund_codes], _("none"))
        if terms.operator != OperatorUse.OPTIONAL:
            del self.fields["assisted"]
        if terms.operator != OperatorUse.NEVER and len(operators) > 1:
            known = [("", _("whoever is free")), *((str(each.pk), each.name) for each in operators)]
            self.fields["operator"].choices = known  # type: ignore[attr-defined]
        else:
            del self.fields["operator"]
        if not for_others:
            del self.fields["on_behalf_of"], self.fields["overrule_because"]
        for name in ("start", "end"):
            self.fields[name].widget.attrs["step"] = int(terms.step.total_seconds())
        self.ask(questions)

    def _offer(self, name: str, choices: list[tuple[str, str]], nothing: str) -> None:
        """Something to choose from, or no field where there is nothing to choose."""
        if choices:
            self.fields[name].choices = [("", nothing), *choices]  # type: ignore[attr-defined]
        else:
            del self.fields[name]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"day", "start", "end"} <= given.keys() and "end_day" not in self.errors:
            start = self._moment(given["day"], given["start"], field="start")
            end = self._moment(given.get("end_day") or given["day"], given["end"], field="end")
            if end <= start and not given.get("end_day") and given["end"].isoformat() == "00:00:00":
                end += timedelta(days=1)  # 24:00 is written 00:00 on a clock
            if {"start", "end"} & self.errors.keys():
                return given
            if end <= start:
                self.add_error("end", _("The end must be after the start."))
            else:
                given["interval"] = Interval(start, end)
        return given

    def _moment(self, day: Any, clock: Any, *, field: str) -> datetime:
        """The moment in UTC; an error beside the field for an hour that the clocks leave out in spring."""
        local = datetime.combine(day, clock, self.terms.zone)
        moment = local.astimezone(UTC)
        if moment.astimezone(self.terms.zone).replace(tzinfo=None) != local.replace(tzinfo=None):
            self.add_error(field, _("The clocks are put forward on this day: this hour is left out."))
        return moment

    def said(self) -> dict[str, Any]:
        """What the requester says beside the time."""
        names = ("purpose", "title", "flexible_minutes", "group", "assisted", "operator", "payer", "fund_code")
        known = {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}
        if known.get("operator"):
            known["assisted"] = True
        return {**known, "answers": self.answers()}


def answers_as_given(questions: Sequence[Question], kept: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What was answered already, as the form's first values; `kept` is how a booking stores it."""
    said = {each["key"]: each.get("value", each["answer_zh"]) for each in kept}
    return {f"answer_{each.key}": said[each.key] for each in questions if each.key in said}


def with_slot(data: QueryDict) -> QueryDict:
    """What was sent, with the times of the free slot whose button was pressed (`from/to`, local); the rest is kept."""
    try:
        start, end = (datetime.fromisoformat(each) for each in data.get("slot", "").split("/"))
    except ValueError:
        return data
    changed = data.copy()
    changed["day"], changed["start"], changed["end"] = f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}"
    changed["end_day"] = f"{end:%Y-%m-%d}" if end.date() != start.date() else ""
    return changed


def named_in(asked: QueryDict, terms: Terms) -> Interval | None:
    """The time that a link names by `start` and perhaps `end` (`2026-11-25T14:00`, local); too long a one stays so."""
    try:
        named = datetime.fromisoformat(asked.get("start", "")).replace(tzinfo=terms.zone)
        begin = next_on_grid(named, step=terms.step, zone=terms.zone)
        end = asked.get("end", "")
        wanted = datetime.fromisoformat(end).replace(tzinfo=terms.zone) - named if end else terms.usual
        return Interval(begin, begin + max(terms.shortest, min(LONGEST_HELD, wanted)))
    except (ValueError, OverflowError):
        return None


def usual_lengths(terms: Terms) -> list[timedelta]:
    """The lengths to choose from by a button, as far as they may be booked."""
    allowed = [each for each in USUAL_LENGTHS if terms.shortest <= each <= terms.longest and not each % terms.step]
    return allowed[:MOST_LENGTHS]


class MoveForm(BookingForm):
    """Another time for a booking, with a word about why."""

    note = forms.CharField(label=gettext_lazy("A word to the other side (optional)"), max_length=500, required=False)

    def __init__(self, data: Any = None, *, terms: Terms, **kwargs: Any) -> None:
        super().__init__(data, terms=terms, questions=(), **kwargs)
        for name in ("purpose", "title", "flexible_minutes", "assisted", "operator", "key", "payer", "fund_code"):
            self.fields.pop(name, None)


def as_initial(interval: Interval, terms: Terms) -> dict[str, Any]:
    """A time as the form's first values."""
    start, end = interval.start.astimezone(terms.zone), interval.end.astimezone(terms.zone)
    other_day = end.date() if end.date() != start.date() and end.time().isoformat() != "00:00:00" else None
    return {"day": start.date(), "start": start.time(), "end": end.time(), "end_day": other_day}
