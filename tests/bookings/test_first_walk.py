"""What somebody new stumbled over: nothing typed is lost, nothing happens unasked, what was said can be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking, HoursException, Policy
from bookings.services import make_feed, set_policy
from bookings.states import State
from instruments.services import entrust
from instruments.states import FacilityDuty
from notifications.models import Mail
from pages.demo.questions import ABOUT_THE_SAMPLE
from tests.factories import booked, member

HOUR = timedelta(hours=1)


def form_for(start, **more):
    times = {"day": f"{start:%Y-%m-%d}", "start": f"{start:%H:%M}", "end": f"{start + HOUR:%H:%M}"}
    return {**times, "purpose": "research", "key": "walk", **more}


def test_a_draft_keeps_what_was_answered(browse, researcher, sem, nine):
    sem.questions = ABOUT_THE_SAMPLE
    sem.save()
    answers = {"answer_sample": "steel", "answer_conductive": "coated", "answer_magnetic": "no", "answer_count": "3"}
    client = browse(researcher)

    client.post("/instruments/sem/book/", form_for(nine, draft="1", title="fracture", **answers))
    draft = Booking.objects.get()
    first = client.get(f"/bookings/{draft.pk}/").context["draft_form"].initial
    sent = client.post(f"/bookings/{draft.pk}/", {**first, "group": "", "operator": ""})

    assert {name: first[name] for name in answers} == answers
    assert (first["title"], sent.status_code) == ("fracture", 302)


def test_an_empty_form_says_at_once_which_questions_wait(browse, researcher, sem):
    sem.questions = ABOUT_THE_SAMPLE
    sem.save()

    page = browse(researcher).post("/instruments/sem/book/", {"key": "walk", "purpose": "research"})

    assert {"day", "start", "end", "answer_sample", "answer_conductive"} <= page.context["form"].errors.keys()


def test_offering_the_time_that_is_booked_confirms_nothing(browse, manager, researcher, sem, nine):
    booking = booked(sem, at=nine, by=researcher, state=State.REQUESTED)

    page = browse(manager).post(f"/bookings/{booking.pk}/move/", form_for(nine))

    booking.refresh_from_db()
    assert (page.status_code, booking.state) == (400, State.REQUESTED)


def test_question_and_answer_stand_on_the_bookings_page(call, browse, manager, researcher, sem, nine):
    booking = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    call(manager).post(f"/api/v1/bookings/{booking.pk}/ask/", {"question": "How thick?"})
    call(researcher).post(f"/api/v1/bookings/{booking.pk}/answer/", {"text": "3 mm thick"})

    page = browse(manager).get(f"/bookings/{booking.pk}/").content.decode()

    assert "How thick?" in page
    assert "3 mm thick" in page


def test_a_message_that_is_too_long_is_not_cut(browse, researcher, sem, nine):
    booking = booked(sem, at=nine, by=researcher)

    browse(researcher).post(f"/bookings/{booking.pk}/say/", {"text": "x" * 4001})

    assert not Mail.objects.exists()


@pytest.mark.parametrize("button", ["say", "cancel", "check-in"])
def test_the_address_of_a_button_leads_to_the_page_that_it_is_on(browse, researcher, sem, nine, button):
    booking = booked(sem, at=nine, by=researcher)

    answer = browse(researcher).get(f"/bookings/{booking.pk}/{button}/")

    assert (answer.status_code, answer.context["page"]) == (405, f"/bookings/{booking.pk}/")


@pytest.mark.parametrize("wrong", [{"shortest_minutes": 120, "longest_minutes": 60}, {"step_minutes": 60}])
def test_lengths_that_contradict_each_other_are_said_in_words(browse, manager, centre, sem, wrong):
    set_policy(sem, step_minutes=30, shortest_minutes=30)
    values = {"step_minutes": 30, "shortest_minutes": 30, "longest_minutes": 240, **wrong}

    page = browse(manager).post("/lab/centre/rules/sem/", {"do": "rules", **values})

    assert page.status_code == 400
    assert "policy_lengths" not in page.content.decode()


def test_a_preset_replaces_nothing_before_that_is_ticked(browse, manager, centre, sem):
    set_policy(sem, lead_minutes=77)
    send = {"do": "preset", "preset": "self-service"}

    browse(manager).post("/lab/centre/rules/sem/", send)
    kept = Policy.objects.get(instrument=sem).lead_minutes

    assert kept == 77


def test_a_day_that_differs_shows_what_it_hits_and_tells_them(browse, manager, researcher, sem, nine):
    booking = booked(sem, at=nine, by=researcher)
    send = {"do": "exception", "exception-day": f"{nine:%Y-%m-%d}", "exception-stretches": "13:00-18:00"}
    client = browse(manager)

    page = client.post("/lab/centre/hours/sem/", send)
    before = HoursException.objects.exists()
    client.post("/lab/centre/hours/sem/", {**send, "sure": "1"})

    assert ([each.pk for each in page.context["differs"]], before) == ([booking.pk], False)
    assert Mail.objects.get(event="day_differs").reader == researcher


def test_a_day_that_is_past_is_refused(browse, manager, sem):
    yesterday = timezone.localdate() - timedelta(days=1)
    send = {"do": "exception", "exception-day": f"{yesterday:%Y-%m-%d}", "exception-stretches": ""}

    assert browse(manager).post("/lab/centre/hours/sem/", send).status_code == 400


def test_a_calendar_speaks_its_owners_language(client, researcher, sem, nine):
    researcher.language = "en"
    researcher.save()
    booked(sem, at=nine, by=researcher)
    _feed, secret = make_feed(researcher)

    assert "Field-emission SEM" in client.get(f"/feeds/{secret}.ics").content.decode()


def test_english_goes_on_with_a_capital_after_the_greeting(call, manager, researcher, sem, nine):
    researcher.language = "en"
    researcher.save()
    booking = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    call(manager).post(f"/api/v1/bookings/{booking.pk}/confirm/")

    assert ",\n\nYour " in Mail.objects.get(event="booking_confirmed").body


def test_programs_get_no_mail_about_faults(call, researcher, manager, centre, sem):
    program = member("program", centre.organisation, service_of=centre.organisation)
    entrust(centre, to=program, duty=FacilityDuty.OPERATOR)

    call(researcher).post("/api/v1/faults/", {"instrument": "sem", "severity": "minor", "text": "x"})

    assert {each.reader for each in Mail.objects.all()} == {manager}


def test_a_group_leader_sees_the_groups_bookings(call, university, researcher, labmate, sem, nine):
    group = university.research_groups.create(pi=labmate, name_zh="组")
    booking = booked(sem, at=nine, by=researcher, group=group)

    assert call(labmate).get(f"/api/v1/bookings/{booking.pk}/").status_code == 200


def test_an_instrument_that_needs_an_operator_has_one_whatever_its_policy_says(call, researcher, xrd, nine):
    xrd.needs_operator = True
    xrd.save()
    wish = {"instrument": "xrd", "start": nine.isoformat(), "end": (nine + HOUR).isoformat()}

    answer = call(researcher).post("/api/v1/bookings/", wish)

    assert (answer.status_code, answer.json()["assisted"]) == (201, True)


def test_nobody_is_written_to_where_nobody_has_booked(browse, manager, sem, nine):
    send = {"do": "message", "t-starts_at": f"{nine:%Y-%m-%dT%H:%M}", "t-ends_at": f"{nine + HOUR:%Y-%m-%dT%H:%M}"}

    page = browse(manager).post("/instruments/sem/maintenance/", {**send, "t-text": "Bring gloves"})

    assert page.status_code == 400
    assert "Bring gloves" in page.content.decode()
