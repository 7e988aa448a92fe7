"""Typed questions as fields of a form: what laboratories ask stands in the forms of more than one room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django import forms
from django.utils.translation import gettext as _

LONGEST_ANSWER = 500


class Asked(Protocol):
    """A question, as far as a form must know it; `options` are (value, label)."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def options(self) -> Sequence[tuple[str, str]]: ...
    @property
    def at_least(self) -> int | None: ...


class AskingForm(forms.Form):
    """A form that asks questions beside its own fields; whether an answer is missing is the rule's to say."""

    questions: Sequence[Asked] = ()

    def ask(self, questions: Sequence[Asked]) -> None:
        self.questions = questions
        for question in questions:
            self.fields[f"answer_{question.key}"] = field_for(question)

    def question_fields(self) -> list[Any]:
        return [self[f"answer_{each.key}"] for each in self.questions]

    def answers(self) -> dict[str, Any]:
        """What was answered, by the question's key."""
        given = {each.key: self.cleaned_data.get(f"answer_{each.key}") for each in self.questions}
        return {key: "" if answer is None else answer for key, answer in given.items()}


def field_for(question: Asked) -> forms.Field:
    """A field that fits the kind of the question: number, yes_no, declaration, choice, else text."""
    shape: dict[str, Any] = {"label": question.label, "help_text": question.help, "required": False}
    if question.kind == "number":
        return forms.DecimalField(**shape, widget=forms.NumberInput({"step": "any", "min": question.at_least}))
    if question.kind == "yes_no":
        return forms.ChoiceField(**shape, choices=_or_nothing([("yes", _("yes")), ("no", _("no"))]))
    if question.kind == "declaration":
        return forms.BooleanField(**shape)
    if question.kind == "choice":
        return forms.ChoiceField(**shape, choices=_or_nothing(question.options))
    return forms.CharField(**shape, max_length=LONGEST_ANSWER)


def _or_nothing(options: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [("", "—"), *options]
