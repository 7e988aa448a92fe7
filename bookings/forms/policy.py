"""How time may be booked: a row of rules, quotas, for whom they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.states import CustomerCategory
from bookings.models import Policy, Quota
from bookings.rules.policy import DEFAULTS
from common.words import clock_of

INHERITED = [("unknown", gettext_lazy("inherited")), ("true", gettext_lazy("yes")), ("false", gettext_lazy("no"))]
GROUPS: list[tuple[str | Promise, list[str]]] = [
    (gettext_lazy("Who may book"), ["staff_only", "training_level", "operator"]),
    (
        gettext_lazy("How long, how far ahead"),
        ["step_minutes", "shortest_minutes", "longest_minutes", "lead_minutes", "horizon_days", "max_coming"],
    ),
    (
        gettext_lazy("Between bookings, on holidays"),
        ["buffer_before_minutes", "buffer_after_minutes", "open_on_holidays"],
    ),
    (
        gettext_lazy("Approval"),
        [
            *("needs_approval", "approval_over_minutes", "approval_before_minute", "approval_after_minute"),
            "decide_within_hours",
        ],
    ),
    (
        gettext_lazy("Coming, cancelling, afterwards"),
        [
            *("asks_check_in", "grace_minutes", "cancel_deadline_minutes", "allows_hand_over", "shows_names"),
            "asks_feedback",
        ],
    ),
    (gettext_lazy("What is charged"), ["charge_basis", "late_fee_percent", "no_show_percent"]),
]


class MinuteOfDayField(forms.TimeField):
    """A time of the day, kept as minutes after midnight; 00:00 at the end of a day is 24:00."""

    def __init__(self, *, at_midnight: int, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "widget": forms.TimeInput({"type": "time"}, "%H:%M"), **kwargs})
        self.at_midnight = at_midnight

    def clean(self, value: Any) -> int | None:
        found = super().clean(value)
        return None if found is None else found.hour * 60 + found.minute or self.at_midnight

    def prepare_value(self, value: Any) -> Any:
        return clock_of(value % 1440) if isinstance(value, int) else value


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """One row of rules; what is left empty is inherited."""

    approval_before_minute = MinuteOfDayField(label=gettext_lazy("Approval when it begins before"), at_midnight=0)
    approval_after_minute = MinuteOfDayField(label=gettext_lazy("Approval when it ends after"), at_midnight=1440)

    class Meta:
        model = Policy
        fields = list(DEFAULTS)

    def __init__(self, *args: Any, inherited: Mapping[str, str], **kwargs: Any) -> None:
        """`inherited` says for each field what counts where it is left empty, and whence."""
        super().__init__(*args, **kwargs)
        self.inherited = inherited
        for name, field in self.fields.items():
            if isinstance(field, forms.NullBooleanField):
                field.widget = forms.Select(choices=INHERITED)
                value = getattr(self.instance, name)
                self.initial[name] = "unknown" if value is None else str(value).lower()
            elif isinstance(field, forms.TypedChoiceField):
                field.choices = [("", _("inherited")), *list(field.choices)[1:]]  # type: ignore[index]

    def groups(self) -> list[tuple[str | Promise, list[tuple[forms.BoundField, str]]]]:
        """The fields by what they are about, each with what is inherited."""
        return [(name, [(self[each], self.inherited.get(each, "")) for each in names]) for name, names in GROUPS]

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in DEFAULTS if name in self.cleaned_data}


class QuotaForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Quota
        fields = ["amount", "measure", "period", "subject", "category"]

    amount = forms.IntegerField(label=gettext_lazy("At most"), min_value=1, max_value=2000)


class CategoryForm(forms.Form):
    """For whom a row is: everybody, or one customer category."""

    category = forms.ChoiceField(
        label=gettext_lazy("Rules for"),
        choices=[("", gettext_lazy("everybody")), *CustomerCategory.choices],
        required=False,
    )
