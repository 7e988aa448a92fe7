"""Shape of what is entered about money; the services judge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.states import CustomerCategory
from billing.models import FundCode
from billing.states import Basis, LimitPeriod

WEEK = [
    ("01234", pgettext_lazy("peak", "on weekdays")),
    ("56", pgettext_lazy("peak", "at weekends")),
    ("0123456", pgettext_lazy("peak", "every day")),
]


def money_field(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=12, decimal_places=2, min_value=Decimal(0), **more)


class RateForm(forms.Form):
    """A rate to be announced; the window is for dearer or cheaper hours and may stay empty."""

    category = forms.ChoiceField(label=_("For"), choices=CustomerCategory.choices)
    basis = forms.ChoiceField(label=_("Per"), choices=Basis.choices)
    amount = money_field(_("Price with VAT (CNY)"))
    begins = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    minimum = money_field(_("At least (units)"), required=False, help_text=_("charged in any case"))
    step = money_field(_("Rounded up to (units)"), required=False, help_text=_("empty: exactly"))
    days = forms.ChoiceField(label=_("Other hours"), choices=[("", "—"), *WEEK], required=False)
    from_time = forms.TimeField(label=_("from"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    to_time = forms.TimeField(label=_("to"), required=False, widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    factor = forms.DecimalField(
        label=_("factor"), required=False, max_digits=4, decimal_places=2, min_value=Decimal(0), max_value=Decimal(10),
        help_text=_("1.2: a fifth dearer; 0.5: half the price"),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"begins": timezone.localdate(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        window = [given.get(name) for name in ("days", "from_time", "to_time", "factor")]
        if any(each not in {None, ""} for each in window) and any(each in {None, ""} for each in window):
            self.add_error("days", _("A window names weekdays, hours and a factor."))
        return given

    def values(self) -> dict[str, Any]:
        """As the service takes them."""
        given = self.cleaned_data
        names = ("category", "basis", "amount", "begins")
        found = {name: given[name] for name in names}
        found |= {name: given[name] or Decimal(0) for name in ("minimum", "step")}
        if given["days"]:
            first, last = given["from_time"], given["to_time"]
            window = {
                "weekdays": [int(day) for day in given["days"]],
                "from_minute": first.hour * 60 + first.minute,
                "to_minute": last.hour * 60 + last.minute or 1440,
                "factor": given["factor"],
            }
            found["peaks"] = [window]
        return found


class LimitForm(forms.Form):
    member = forms.ChoiceField(label=_("Member"))
    amount = money_field(_("May spend at most (CNY)"), required=False, help_text=_("empty: no limit"))
    period = forms.ChoiceField(label=_("Within"), choices=LimitPeriod.choices)

    def __init__(self, *args: Any, members: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"].choices = members  # type: ignore[attr-defined]


class FundCodeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = FundCode
        fields = ["institution", "code", "name_zh", "name_en", "kind", "group", "until", "limit"]
        widgets = {"until": forms.DateInput({"type": "date"}, "%Y-%m-%d")}

    def __init__(self, *args: Any, institutions: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = institutions  # type: ignore[attr-defined]
        self.fields["institution"].label = _("Institution")
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]
        self.fields["group"].label, self.fields["group"].help_text = (
            _("Research group"),
            _("whose members may choose it"),
        )

    def validate_constraints(self) -> None:
        """The service does, and says why."""


class ObjectForm(forms.Form):
    reason = forms.CharField(label=_("What is wrong with it?"), max_length=1000, widget=forms.Textarea({"rows": 3}))


class DecideForm(forms.Form):
    upheld = forms.TypedChoiceField(
        label=_("The objection is"), coerce=lambda word: word == "yes",
        choices=[("yes", pgettext_lazy("objection", "right")), ("no", pgettext_lazy("objection", "not right"))],
    )  # fmt: skip
    refund = money_field(_("Given back (CNY)"), required=False, help_text=_("empty: all that is left"))
    answer = forms.CharField(label=_("Answer"), max_length=1000, widget=forms.Textarea({"rows": 3}))
