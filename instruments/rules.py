"""Typed questions that an instrument asks, and whether answers fit them; who must stay at a facility."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Refusal
from common.text import Bilingual, in_reading_language, tidy
from instruments.states import QuestionKind

LONGEST_ANSWER = 500
LONGEST_LABEL, LONGEST_TEXT, AT_MOST = 200, 2000, 30
KEY = re.compile(r"[a-z0-9_-]{1,40}")
PARTS_OF_A_CHOICE = ("value", "label_zh", "label_en")
AGREED = ("yes", "true")


@dataclass(frozen=True)
class Question:
    """One thing that a requester is asked, in both languages.

    A declaration's text is its help. A number is `at_least` that much, where that is said.
    """

    key: str
    kind: str
    label_zh: str
    label_en: str
    required: bool = False
    choices: list[dict[str, str]] = field(default_factory=list)
    help_zh: str = ""
    help_en: str = ""
    at_least: int | None = None

    label = Bilingual("label")
    help = Bilingual("help")

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be chosen, as (value, label) in the reader's language."""
        return [(each["value"], in_reading_language(each["label_zh"], each["label_en"])) for each in self.choices]


def faults_of_questions(stored: Any) -> list[str]:
    """What is wrong with questions as somebody wants to store them, in words for whoever enters them."""
    shapeless = _("A question has a key, a kind and a label in both languages.")
    try:
        questions = questions_of(stored)
    except TypeError:
        return [shapeless]
    if not all(_is_shaped(question) for question in questions):
        return [shapeless]
    found = [_("There are at most %(n)s questions.") % {"n": AT_MOST}] if len(questions) > AT_MOST else []
    keys = [question.key for question in questions]
    found += [_("Each question needs a key of its own.")] if len(set(keys)) < len(keys) else []
    return [*found, *(fault for question in questions for fault in _faults_of(question))]


def _is_shaped(question: Question) -> bool:
    """Whether every part is of the type that it is written in, and short enough to be one."""
    texts = [question.label_zh, question.label_en, question.help_zh, question.help_en]
    choices = question.choices if isinstance(question.choices, list) else [None]
    return (
        isinstance(question.required, bool)
        and (question.at_least is None or type(question.at_least) is int)
        and isinstance(question.kind, str)
        and isinstance(question.key, str)
        and all(isinstance(text, str) and len(text) <= LONGEST_TEXT and "\x00" not in text for text in texts)
        and all(_is_choice(choice) for choice in choices)
    )


def _is_choice(choice: Any) -> bool:
    texts = [choice.get(name) for name in PARTS_OF_A_CHOICE] if isinstance(choice, dict) else [None]
    return all(isinstance(text, str) and len(text) <= LONGEST_LABEL and "\x00" not in text for text in texts)


def _faults_of(question: Question) -> list[str]:
    found = []
    named = {"question": question.label or question.key}
    if not KEY.fullmatch(question.key):
        found.append(_("A key is up to 40 small Latin letters, digits, hyphens and underscores."))
    if not question.label.strip() or len(question.label_zh) > LONGEST_LABEL or len(question.label_en) > LONGEST_LABEL:
        found.append(_("A question has a label of at most %(n)s characters.") % {"n": LONGEST_LABEL})
    if question.kind not in QuestionKind.values:
        found.append(_("“%(kind)s” is no kind of question.") % {"kind": question.kind})
    if question.kind == QuestionKind.CHOICE and not question.choices:
        found.append(_("“%(question)s” has nothing to choose from.") % named)
    if question.kind == QuestionKind.DECLARATION and not question.help.strip():
        found.append(_("“%(question)s” is a declaration without a text to agree to.") % named)
    values = [choice["value"] for choice in question.choices]
    if len(set(values)) < len(values) or "" in values:
        found.append(_("Each choice of “%(question)s” needs a value of its own.") % named)
    return found


def questions_of(stored: Iterable[Mapping[str, Any]]) -> list[Question]:
    """The questions as they are stored with an instrument."""
    return [Question(**each) for each in stored]


def objections_to_answers(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[Refusal]:
    """Every answer that is missing, unknown, or of another kind than its question."""
    known = {question.key: question for question in questions}
    unknown = [
        Refusal("unknown_question", _("“%(key)s” is not asked here.") % {"key": key}, field=f"answer_{key}")
        for key in answers
        if key not in known
    ]
    found = [_objection(question, answers.get(question.key)) for question in known.values()]
    return [*unknown, *(refusal for refusal in found if refusal)]


def _objection(question: Question, answer: Any) -> Refusal | None:
    place, name = f"answer_{question.key}", {"question": question.label}
    if question.kind == QuestionKind.DECLARATION:
        not_agreed = _("Please agree to “%(question)s”.") % name
        return None if _agrees(answer) else Refusal("not_declared", not_agreed, place, {"question": question.key})
    if answer is None or tidy(str(answer)) == "":
        missing = _("Please answer “%(question)s”.") % name
        return Refusal("answer_missing", missing, place, {"question": question.key}) if question.required else None
    if not _fits(question, answer):
        wrong = _("The answer to “%(question)s” does not fit the question.") % name
        return Refusal("answer_wrong", wrong, place, {"question": question.key})
    if question.at_least is not None and _number(question, answer) < question.at_least:
        too_small = _("“%(question)s”: at least %(n)s.") % {**name, "n": question.at_least}
        return Refusal("answer_too_small", too_small, place, {"question": question.key, "at_least": question.at_least})
    return None


def _number(question: Question, answer: Any) -> Decimal:
    """The number that was answered; infinite for an answer that is none, which nothing is too small for."""
    return Decimal(str(answer)) if question.kind == QuestionKind.NUMBER else Decimal("Infinity")


def _agrees(answer: Any) -> bool:
    return answer is True or (isinstance(answer, str) and answer in AGREED)


def _fits(question: Question, answer: Any) -> bool:
    if question.kind == QuestionKind.NUMBER:
        try:
            short = len(str(answer)) <= LONGEST_ANSWER
            return short and not isinstance(answer, bool) and Decimal(str(answer)).is_finite()
        except InvalidOperation:
            return False
    if question.kind == QuestionKind.YES_NO:
        return answer in (True, False, "yes", "no")
    if question.kind == QuestionKind.CHOICE:
        return any(choice["value"] == answer for choice in question.choices)
    return isinstance(answer, str) and len(answer) <= LONGEST_ANSWER


def answers_in_words(questions: Iterable[Question], answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """Question and answer as they are kept on the booking, in both languages: later changes leave them alone.

    `value` is what a form showed again would hold.
    """
    kept = []
    for question in questions:
        answer = answers.get(question.key)
        if answer is None or tidy(str(answer)) == "":
            continue
        if question.kind == QuestionKind.DECLARATION and not _agrees(answer):
            continue
        words_zh, words_en = _in_words(question, answer)
        kept.append(
            {
                "key": question.key,
                "label_zh": question.label_zh,
                "label_en": question.label_en,
                "answer_zh": words_zh,
                "answer_en": words_en,
                "value": _as_entered(question, answer),
            }
        )
    return kept


def _as_entered(question: Question, answer: Any) -> str:
    if question.kind in {QuestionKind.DECLARATION, QuestionKind.YES_NO}:
        return "yes" if answer is True or answer in AGREED else "no"
    return tidy(str(answer))


def _in_words(question: Question, answer: Any) -> tuple[str, str]:
    if question.kind == QuestionKind.DECLARATION:
        return f"同意：{question.help_zh or question.help_en}", f"agreed: {question.help_en or question.help_zh}"
    if question.kind == QuestionKind.YES_NO:
        return ("是", "yes") if answer in (True, "yes") else ("否", "no")
    for choice in question.choices:
        if choice["value"] == answer:
            return choice["label_zh"], choice["label_en"]
    return tidy(str(answer)), tidy(str(answer))


def objections_to_last_day(until: date | None, *, before: date | None, others: Iterable[date | None]) -> list[Refusal]:
    """What speaks against a last day for a lab admin: nobody would be left who is one without end.

    `before` is the last day that stands now, `others` are those of the other lab admins; None is without end.
    """
    shorter = until is not None and (before is None or until < before)
    if not shorter or None in set(others):
        return []
    return [
        Refusal(
            "last_admin",
            _("A laboratory keeps one lab admin without a last day. Let somebody else be lab admin first."),
            "until",
        )
    ]
