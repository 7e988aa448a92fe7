"""Rows that are entered with a record: a data sheet's lines, accreditations, typed questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.text import tidy
from instruments.forms.fields import DayField, with_fields_like
from instruments.models import Accreditation, Specification
from instruments.rules import AT_MOST, KEY, LONGEST_LABEL, LONGEST_TEXT
from instruments.states import QuestionKind

MOST_LINES = 60
BLANK_ROWS = 3


class Rows(forms.BaseFormSet):  # type: ignore[type-arg]
    """Some rows and a few blank ones, in an order that can be changed; works without JavaScript."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["ORDER"].label = gettext_lazy("Place")
        form.fields["DELETE"].label = gettext_lazy("Remove")

    def values(self) -> list[dict[str, Any]]:
        """What the rows say, in their order, without those that are empty or taken away."""
        return [form.value() for form in self.ordered_forms]

    def columns(self) -> list[Any]:
        """The fields that a row shows, for a heading."""
        return [each for each in self.empty_form.visible_fields() if each.name not in {"ORDER", "DELETE"}]

    def clean(self) -> None:
        """The same row twice is said here, at the rows; what the single fields say comes first."""
        if any(self.errors) or self.non_form_errors():
            return
        keys = [form.key() for form in self.ordered_forms]
        twice = next((key for key in keys if key and keys.count(key) > 1), None)
        if twice:
            raise ValidationError(_("“%(key)s” is there twice.") % {"key": " ".join(twice)})


class RowForm(forms.Form):
    def value(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.cleaned_data if name not in {"ORDER", "DELETE"}}

    def key(self) -> tuple[str, ...]:
        """What makes it one of a kind; empty where two may be alike."""
        return ()

    def shown(self) -> list[Any]:
        return [each for each in self.visible_fields() if each.name not in {"ORDER", "DELETE"}]


@with_fields_like(Specification, ["name_zh", "name_en", "value", "unit"])
class SpecificationForm(RowForm):
    """One line of a data sheet."""


@with_fields_like(Accreditation, ["scheme", "certificate", "scope", "until"], until=DayField())
class AccreditationForm(RowForm):
    """One accreditation of a test."""

    def key(self) -> tuple[str, ...]:
        return self.cleaned_data["scheme"], tidy(self.cleaned_data["certificate"])


class ChoicesField(forms.CharField):
    """What can be chosen, a line each: `value | 中文 | English`."""

    def __init__(self, **kwargs: Any) -> None:
        hint = gettext_lazy("for a choice, a line each: value | Chinese | English")
        shape = {"required": False, "max_length": 8000, "widget": forms.Textarea({"rows": 3}), "help_text": hint}
        super().__init__(**{**shape, **kwargs})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return "\n".join(" | ".join([each["value"], each["label_zh"], each["label_en"]]) for each in value)

    def clean(self, value: Any) -> list[dict[str, str]]:
        return [self._choice(line) for line in super().clean(value).splitlines() if line.strip()]

    def _choice(self, line: str) -> dict[str, str]:
        parts = [tidy(part) for part in line.replace("｜", "|").split("|")]
        if len(parts) > 3 or not all(parts) or any(len(part) > LONGEST_LABEL for part in parts):
            raise ValidationError(_("“%(line)s” is no choice; write: value | Chinese | English") % {"line": line[:60]})
        # One word serves for all three; of two, the Chinese one is the value, too.
        value, chinese, english = {1: parts * 3, 2: [parts[0], *parts], 3: parts}[len(parts)]
        return {"value": value, "label_zh": chinese, "label_en": english}


class QuestionForm(RowForm):
    """One typed question; its key is what programs send the answer under."""

    key_ = forms.RegexField(
        KEY.pattern.join(["^", "$"]),
        label=gettext_lazy("Key"),
        help_text=gettext_lazy("small Latin letters, digits, hyphens; programs answer by it"),
        error_messages={"invalid": gettext_lazy("Up to 40 small Latin letters, digits, hyphens and underscores.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=QuestionKind.choices, initial=QuestionKind.TEXT)
    required = forms.BooleanField(label=gettext_lazy("Must be answered"), required=False)
    label_zh = forms.CharField(label=gettext_lazy("Question (Chinese)"), max_length=LONGEST_LABEL)
    label_en = forms.CharField(label=gettext_lazy("Question (English)"), max_length=LONGEST_LABEL, required=False)
    help_zh = forms.CharField(
        label=gettext_lazy("Help, or the declaration's text (Chinese)"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    help_en = forms.CharField(
        label=gettext_lazy("Help, or the declaration's text (English)"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )
    choices = ChoicesField(label=gettext_lazy("Choices"))
    at_least = forms.IntegerField(
        label=gettext_lazy("A number is at least"), required=False, min_value=-1_000_000, max_value=1_000_000
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == QuestionKind.CHOICE and not given.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("There is nothing to choose from."))
        if given.get("kind") == QuestionKind.DECLARATION and not (given.get("help_zh") or given.get("help_en")):
            self.add_error("help_zh", _("A declaration needs a text to agree to."))
        return given

    def key(self) -> tuple[str, ...]:
        return (self.cleaned_data["key_"],)

    def value(self) -> dict[str, Any]:
        given = super().value()
        choices = given.pop("choices") if given["kind"] == QuestionKind.CHOICE else []
        at_least = given.pop("at_least")
        question = {"key": given.pop("key_"), **{name: value for name, value in given.items() if value}}
        question |= {name: given[name] for name in ("label_zh", "label_en")}
        if at_least is not None and question["kind"] == QuestionKind.NUMBER:
            question["at_least"] = at_least
        return {**question, "choices": choices} if choices else question


def rows_of(form: type[RowForm], *, most: int) -> type[Rows]:
    shape = {"formset": Rows, "extra": BLANK_ROWS, "can_order": True, "can_delete": True}
    made: type[Rows] = forms.formset_factory(form, max_num=most, validate_max=True, **shape)  # type: ignore[call-overload]
    return made


SpecificationRows = rows_of(SpecificationForm, most=MOST_LINES)
AccreditationRows = rows_of(AccreditationForm, most=20)
QuestionRows = rows_of(QuestionForm, most=AT_MOST)


def questions_as_rows(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Stored questions as the editor's first values."""
    return [{**each, "key_": each["key"]} for each in questions]
