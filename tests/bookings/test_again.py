"""Once more: what an earlier booking said is carried along; what was never sent is nobody's past."""

from __future__ import annotations

from datetime import timedelta

from bookings.models import Booking
from bookings.services import alternatives_to, book, drop, terms_for, with_terms
from bookings.states import State
from common.interval import Interval
from instruments.models import Instrument
from tests.factories import booked, category_of, instrument

HOUR = timedelta(hours=1)
COUNT = {"key": "count", "kind": "number", "label_zh": "数量", "label_en": "Count", "at_least": 1}


def test_booking_again_takes_words_answers_and_length_along(browse, researcher, sem, nine):
    Instrument.objects.filter(pk=sem.pk).update(questions=[COUNT])
    answers = [{"key": "count", "label_zh": "", "label_en": "", "answer_zh": "3", "answer_en": "3", "value": "3"}]
    before = booked(
        sem, at=nine - timedelta(days=30), hours=2, by=researcher, state=State.COMPLETED, title="断口", answers=answers
    )

    page = browse(researcher).get(f"/bookings/{before.pk}/")
    form = browse(researcher).get(f"/instruments/sem/book/?again={before.pk}").context["form"]

    assert f"/instruments/sem/book/?again={before.pk}" in page.content.decode()
    assert (form["title"].value(), form["answer_count"].value()) == ("断口", "3")
    assert form["end"].value() > form["start"].value()


def test_somebody_elses_booking_is_not_taken_along(browse, researcher, labmate, sem, nine):
    before = booked(sem, at=nine, by=labmate, title="别人的课题")

    page = browse(researcher).get(f"/instruments/sem/book/?again={before.pk}")

    assert "别人的课题" not in page.content.decode()


def test_a_number_below_its_least_is_refused_with_the_rule(call, researcher, sem, nine):
    Instrument.objects.filter(pk=sem.pk).update(questions=[COUNT])
    wish = {"instrument": "sem", "start": nine.isoformat(), "end": (nine + HOUR).isoformat()}

    answer = call(researcher).post("/api/v1/bookings/", {**wish, "answers": {"count": -2}})

    assert [each["code"] for each in answer.json()["objections"]] == ["answer_too_small"]


def test_a_dropped_draft_is_not_among_past_bookings_and_says_that_it_was_never_sent(browse, researcher, sem, nine):
    draft = book("sem", by=researcher, interval=Interval(nine, nine + HOUR), draft=True)

    drop(draft, by=researcher)

    page = browse(researcher).get(f"/bookings/{draft.pk}/").content.decode()
    assert "未提交" in page
    assert "已放弃" in page
    assert not Booking.objects.of(researcher).past(nine)


def test_an_equal_instrument_shares_a_technique_and_not_only_the_category(sem, xrd, centre, nine):
    other = instrument(centre, "tem")
    Instrument.objects.filter(pk__in=[sem.pk, xrd.pk, other.pk]).update(
        category=category_of("kinds", code="01", name_zh="电镜")
    )
    Instrument.objects.filter(pk__in=[sem.pk, other.pk]).update(techniques=["SEM"])
    Instrument.objects.filter(pk=xrd.pk).update(techniques=["XRD"])
    found = with_terms(Instrument.objects.filter(pk=sem.pk)).get()

    wish = {"instrument": found, "terms": terms_for(sem), "now": nine - timedelta(days=1), "elsewhere_only": True}
    offered = alternatives_to(Interval(nine, nine + HOUR), **wish)

    assert {each.instrument.slug for each in offered} == {"tem"}
