"""A declaration is a text to agree to: nothing but a yes is an answer, and the booking keeps what was agreed."""

from __future__ import annotations

import pytest

from bookings.models import Booking
from instruments.rules import faults_of_questions

SAFE = {
    "key": "safe",
    "kind": "declaration",
    "label_zh": "样品安全声明",
    "label_en": "Sample safety",
    "help_zh": "样品无毒、无放射性、不易燃易爆。",
    "help_en": "The sample is neither toxic nor radioactive nor explosive.",
}


@pytest.fixture
def sem_with_declaration(sem):
    sem.questions = [SAFE]
    sem.save()
    return sem


def wish(nine, **answers):
    end = nine.replace(hour=10)
    return {"instrument": "sem", "start": nine.isoformat(), "end": end.isoformat(), "answers": answers}


@pytest.mark.parametrize("answer", [None, False, "no", "", 1, [], {}, "maybe"])
def test_nothing_but_agreement_is_an_answer_to_a_declaration(call, researcher, sem_with_declaration, nine, answer):
    refused = call(researcher).post("/api/v1/bookings/", wish(nine, safe=answer))

    assert refused.status_code in {400, 409}
    assert not Booking.objects.exists()


@pytest.mark.parametrize("answer", [True, "yes"])
def test_the_booking_keeps_the_text_that_was_agreed_to(call, researcher, sem_with_declaration, nine, answer):
    made = call(researcher).post("/api/v1/bookings/", wish(nine, safe=answer))

    assert made.status_code == 201, made.content
    assert SAFE["help_zh"] in Booking.objects.get().answers[0]["answer_zh"]


def test_the_booking_form_shows_the_text_and_takes_a_tick(browse, researcher, sem_with_declaration, nine):
    page = browse(researcher)
    form = {"day": f"{nine:%Y-%m-%d}", "start": "09:00", "end": "10:00", "purpose": "research", "key": "k"}

    shown = page.get("/instruments/sem/book/").content.decode()
    refused = page.post("/instruments/sem/book/", form)
    taken = page.post("/instruments/sem/book/", {**form, "answer_safe": "on"})

    assert SAFE["help_zh"] in shown
    assert 'type="checkbox" name="answer_safe"' in shown
    assert "answer_safe" in refused.context["form"].errors
    assert taken.status_code == 302


@pytest.mark.parametrize(
    "questions",
    [
        [{**SAFE, "help_zh": "", "help_en": ""}],
        [{**SAFE, "key": ""}],
        [{**SAFE, "key": "Ä ö"}],
        [{**SAFE, "label_zh": "", "label_en": " "}],
        [{**SAFE, "label_zh": "长" * 10_000}],
        [{**SAFE, "help_zh": "a\x00b"}],
        [{**SAFE, "required": "perhaps"}],
        [{**SAFE, "choices": "ab"}],
        [{**SAFE, "kind": "choice", "choices": [{"value": "a"}]}],
        [{**SAFE, "kind": "choice", "choices": [{"value": "a", "label_zh": "a", "label_en": "a"}] * 2}],
        [SAFE, SAFE],
        [{key: value for key, value in SAFE.items() if key != "key"}],
        [{**SAFE, "key": f"k{n}"} for n in range(31)],
        [1],
        5,
        [{**SAFE, "kind": ["text"]}],
    ],
)
def test_a_question_that_cannot_be_asked_is_not_stored(questions):
    assert faults_of_questions(questions)
    assert not faults_of_questions([SAFE])
