"""Forms of who runs a facility."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from instruments.forms.fields import DayField
from instruments.states import FacilityDuty


class LastDayForm(forms.Form):
    until = DayField(label=gettext_lazy("Last day (empty: without end)"))


class RoleForm(LastDayForm):
    """Whom to entrust with a facility, as what, until when."""

    email = forms.EmailField(label=gettext_lazy("E-mail address of the person"))
    duty = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=FacilityDuty.choices,
        widget=forms.RadioSelect,
        initial=FacilityDuty.OPERATOR,
    )

    field_order = ["email", "duty", "until"]
