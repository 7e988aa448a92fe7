"""What families fill in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from outreach.states import GRADES, ProgrammeKind, Relation
from outreach.templatetags.youth import grade_name

lazy_grade = lazy(grade_name, str)
AGES = range(5, 19)


def day_input(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"), **kwargs)


class FilterForm(forms.Form):
    """Which programmes: for which age, when, of which kind."""

    age = forms.TypedChoiceField(
        label=_("Age of the child"), required=False, coerce=int, empty_value=None,
        choices=[("", _("any")), *((age, str(age)) for age in AGES)],
    )  # fmt: skip
    first = day_input(label=_("From"), required=False)
    last = day_input(label=_("To"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("any")), *ProgrammeKind.choices])


class ChildForm(forms.Form):
    """A child, as its guardian describes it."""

    name = forms.CharField(label=_("name of the child"), max_length=80)
    born = day_input(label=_("birth date"))
    grade = forms.TypedChoiceField(
        label=_("grade"), required=False, coerce=int, empty_value=None,
        choices=[("", "—"), *((grade, lazy_grade(grade)) for grade in GRADES)],
    )  # fmt: skip
    relation = forms.ChoiceField(label=_("you are the child's"), choices=Relation.choices)
    first_name = forms.CharField(label=_("first person to call in an emergency"), max_length=80)
    first_phone = forms.CharField(
        label=_("their phone"), max_length=40, widget=forms.TextInput({"type": "tel", "autocomplete": "off"})
    )
    second_name = forms.CharField(label=_("second person to call"), max_length=80)
    second_phone = forms.CharField(
        label=_("their phone"), max_length=40, widget=forms.TextInput({"type": "tel", "autocomplete": "off"})
    )

    def said(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        contacts = [{"name": given[f"{who}_name"], "phone": given[f"{who}_phone"]} for who in ("first", "second")]
        return {**{name: given[name] for name in ("name", "born", "grade")}, "contacts": contacts}


class EnrolForm(forms.Form):
    child = forms.ChoiceField(label=_("Which child?"), widget=forms.RadioSelect)

    def __init__(self, data: Any = None, *, children: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field: Any = self.fields["child"]
        field.choices = list(children)
        if len(field.choices) == 1:
            field.initial = field.choices[0][0]


class ConsentForm(forms.Form):
    """Consent to this very version of the text."""

    text = forms.UUIDField(widget=forms.HiddenInput)
    agree = forms.BooleanField(
        label=_("I am a guardian of this child; I have read this and consent to it, separately and of my own will."),
        required=True,
    )


class HealthForm(forms.Form):
    text = forms.CharField(
        label=_("allergies, medicines, what the mentors must know"), required=False, max_length=2000,
        widget=forms.Textarea({"rows": 3}),
    )  # fmt: skip
