"""Programmes, children and places by the API."""

from __future__ import annotations

from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from outreach import services
from outreach.models import Child, Enrolment
from records.models import IdempotencyKey
from tests import factories
from tests.outreach import situations
from tests.outreach.situations import CONTACTS, NAME

API = "/api/v1"


def codes(response) -> list[str]:
    body = response.json()
    return [each["code"] for each in body.get("objections") or body.get("errors") or [body]]


def a_child(**more):
    born = f"{timezone.localdate().year - 10}-01-02"
    return {"name": NAME, "born": born, "grade": 4, "relation": "mother", "contacts": CONTACTS, **more}


def test_a_programs_way_from_the_programme_to_the_paid_place(call, guardian, session):
    api = call(guardian)
    found = call().get(f"{API}/programmes/?age=10").json()["results"]
    assert [each["slug"] for each in found] == ["course"]
    assert call().get(f"{API}/programmes/?age=13").json()["results"] == []
    when = call().get(f"{API}/sessions/?programme=course").json()["results"][0]
    assert (when["places_left"], when["start"][-6:]) == (3, "+08:00")

    child = api.post(f"{API}/children/", a_child())
    assert (child.status_code, child.json()) == (201, {"id": child.json()["id"], "initials": "J.S.Q.W.X.M."})
    made = api.post(f"{API}/enrolments/", {"session": when["id"], "child": child.json()["id"]})
    assert (made.status_code, made.json()["state"], made.json()["fee"]) == (201, "awaiting_consent", "200.00")
    here = f"{API}/enrolments/{made.json()['id']}"
    agreed = api.post(f"{here}/consent/", {"text": made.json()["consent_text"]["id"], "agree": True})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "confirmed")
    paid = api.post(f"{here}/pay/", {"how": "simulator"})
    assert (paid.json()["state"], paid.json()["consent_version"]) == ("paid", 1)
    again = api.post(f"{here}/pay/", {"how": "simulator"})
    assert (again.status_code, codes(again)) == (409, ["paid_already"])
    gone = api.post(f"{here}/cancel/")
    assert (gone.json()["state"], gone.json()["refunded"]) == ("cancelled", "100.00")


def test_what_is_sealed_is_not_kept_with_the_keys_answer(call, guardian):
    call(guardian).post(f"{API}/children/", a_child())

    assert "金丝雀" not in str(IdempotencyKey.objects.get().body)


def test_only_a_token_for_it_reads_what_is_sealed(call, guardian):
    child = situations.child_of(guardian)

    assert call(guardian, "read", "outreach").get(f"{API}/children/{child.pk}/").json()["name"] == NAME
    assert call(guardian, "read").get(f"{API}/children/{child.pk}/").status_code == 403
    assert call(guardian, "read").post(f"{API}/children/", a_child()).status_code == 403


def test_a_key_is_asked_for_and_gives_one_place(call, guardian, session):
    api, wish = call(guardian), {"session": str(session.pk), "child": str(situations.child_of(guardian).pk)}

    missing = api.post(f"{API}/enrolments/", wish, key=None)
    first, second = [api.post(f"{API}/enrolments/", wish, key="one") for _n in range(2)]

    assert (missing.status_code, codes(missing)) == (400, ["missing_idempotency_key"])
    assert first.json()["id"] == second.json()["id"]
    assert Enrolment.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"born": "2026-02-30"}, "invalid"),
        ({"born": "1900-01-01"}, "out_of_range"),
        ({"grade": 13}, "max_value"),
        ({"contacts": CONTACTS[:1]}, "required"),
        ({"contacts": [CONTACTS[0], CONTACTS[0]]}, "same"),
        ({"relation": "stranger"}, "invalid_choice"),
        ({"name": " "}, "blank"),
        ({"health": "x"}, "unknown_field"),
    ],
)
def test_a_child_that_cannot_be_is_refused_with_the_field(call, guardian, changed, code):
    refused = call(guardian).post(f"{API}/children/", a_child(**changed))

    assert (refused.status_code, codes(refused)) == (400, [code])
    assert not Child.objects.exists()


def test_foreign_and_absent_children_and_places_look_alike(call, guardian, stranger, session):
    enrolment = situations.enrolled(session, guardian)
    api = call(stranger)

    for path in ("children/{}/", "enrolments/{}/"):
        foreign = enrolment.child_id if "children" in path else enrolment.pk
        answers = [api.get(f"{API}/{path.format(pk)}") for pk in (foreign, uuid4())]
        assert {each.status_code for each in answers} == {404}
        assert answers[0].json() == answers[1].json()
    taken = api.post(f"{API}/enrolments/", {"session": str(session.pk), "child": str(enrolment.child_id)})
    assert taken.status_code == 404


def test_a_session_in_preparation_is_not_there(call, guardian, course, coordinator, nine):
    draft = situations.planned(course, by=coordinator, at=nine)
    child = situations.child_of(guardian)

    wanted = call(guardian).post(f"{API}/enrolments/", {"session": str(draft.pk), "child": str(child.pk)})

    assert wanted.status_code == 404
    assert call().get(f"{API}/programmes/").json()["results"] == []
    assert call(coordinator).get(f"{API}/sessions/").json()["results"][0]["state"] == "draft"


def test_consent_says_which_text_and_no_is_an_answer(call, guardian, session, coordinator):
    enrolment = situations.enrolled(session, guardian)
    api, here = call(guardian), f"{API}/enrolments/{enrolment.pk}"
    text = api.get(f"{here}/").json()["consent_text"]["id"]
    services.publish_consent_text(session.programme, by=coordinator, text_zh="第二版")

    outdated = api.post(f"{here}/consent/", {"text": text, "agree": True})
    no = api.post(f"{here}/consent/", {"text": text, "agree": False})

    assert (outdated.status_code, codes(outdated)) == (409, ["consent_outdated"])
    assert no.json()["state"] == "cancelled"


def test_lists_cost_the_same_at_2_and_at_12_rows(call, guardian, session, coordinator, statements):
    costs = []
    for count in (2, 10):
        type(session).objects.filter(pk=session.pk).update(places=12)
        for n in range(count):
            situations.enrolled(session, guardian, name=f"孩子{count}{n}")
        api = call(coordinator)
        with statements() as asked:
            rows = api.get(f"{API}/enrolments/").json()["results"]
        costs.append(len(asked))
    assert len(rows) == 12
    assert costs[0] == costs[1] <= 6


def test_a_mentor_checks_in_by_rest(call, guardian, session, university):
    enrolment = situations.paid(situations.enrolled(session, guardian))
    mentor = session.assignments.get().person
    stranger = factories.person("nobody")

    with time_machine.travel(session.starts_at):
        assert call(stranger).post(f"{API}/enrolments/{enrolment.pk}/check-in/").status_code == 404
        there = call(mentor).post(f"{API}/enrolments/{enrolment.pk}/check-in/")
    assert (there.status_code, there.json()["state"]) == (200, "attended")


def test_a_coordinators_way_from_a_new_programme_to_an_open_session(call, coordinator, afm, university, nine):
    factories.member("mentor", university)
    api = call(coordinator)
    item = {"day": 1, "starts": 540, "ends": 600, "title_zh": "观察"}
    said = {
        "slug": "atoms", "kind": "course", "name_zh": "看见原子", "age_from": 8, "age_to": 12, "fee": "120.00",
        **situations.TOLD, "refund_table": [{"days_before": 7, "percent": 100}], "itinerary": [item],
    }  # fmt: skip
    made = api.post(f"{API}/programmes/", said)
    assert (made.status_code, made.json()["fee"], made.json()["itinerary"][0]["starts"]) == (201, "120.00", 540)
    assert call().get(f"{API}/programmes/atoms/").status_code == 404  # nobody is told before it has a session

    times = {"start": nine.isoformat(), "end": (nine + 3 * situations.HOUR).isoformat()}
    planned = api.post(f"{API}/sessions/", {"programme": "atoms", **times, "places": 12})
    here = f"{API}/sessions/{planned.json()['id']}"
    refused = api.post(f"{here}/publish/")
    lacks = {each["code"] for each in planned.json()["missing"]}
    assert (planned.status_code, refused.status_code) == (201, 409)
    assert set(codes(refused)) == lacks

    api.patch(f"{API}/programmes/atoms/", {"consent_text": {"text_zh": "同意书"}}, format="json")
    api.post(f"{here}/claim/", {"instrument": "afm"})
    checked = f"{timezone.localdate() - 30 * situations.DAY}"
    api.post(f"{here}/mentors/", {"email": "mentor@example.org", "checked_on": checked})
    last = api.post(f"{here}/safety/", {"day": f"{nine:%Y-%m-%d}", "name": "安全员", "phone": "13900003333"})
    assert last.json()["missing"] == []
    opened = api.post(f"{here}/publish/")
    assert (opened.status_code, opened.json()["state"]) == (200, "published")
    assert call().get(f"{API}/programmes/atoms/").status_code == 200
    assert api.post(f"{here}/places/", {"places": 10}).json()["places"] == 10
    gone = api.post(f"{here}/cancel/", {"reason": "仪器故障"})
    assert gone.json()["state"] == "cancelled"
    assert not afm.claims.exists()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"fee": "-1"}, "out_of_range"), ({"keep_days": 0}, "out_of_range"),
        ({"age_from": 13}, "invalid"), ({"kind": "party"}, "invalid_choice"),
        ({"itinerary": [{"day": 1, "starts": 600, "ends": 540, "title_zh": "x"}]}, "invalid"),
        ({"no": 1}, "unknown_field"),
        ({"refund_table": [{"days_before": 1, "percent": 101}]}, "max_value"),
        ({"consent_text": {"text_zh": " "}}, "blank"),
    ],
)  # fmt: skip
def test_a_wrong_word_of_a_programme_is_named_and_nothing_is_changed(call, coordinator, course, wrong, code):
    refused = call(coordinator).patch(f"{API}/programmes/course/", {"name_zh": "y", **wrong}, format="json")

    assert (refused.status_code, code in codes(refused)) == (400, True), refused.json()
    course.refresh_from_db()
    assert (course.name_zh, course.itinerary.count()) == ("看见原子", 1)
