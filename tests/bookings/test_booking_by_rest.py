"""Booking an hour through the API, and every way of being refused: 4xx with its reason, nothing half-done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.services import revoke_token
from bookings.models import Booking, Claim
from bookings.services import set_policy
from instruments.services import enter_instrument
from instruments.states import BookedWhere, Status
from notifications.models import Mail, Notice
from records.models import IdempotencyKey
from tests.factories import booked, fresh_key

HOUR = timedelta(hours=1)
BOOKINGS = "/api/v1/bookings/"


def wish(instrument, start, hours=1.0, **more):
    end = start + hours * HOUR
    return {"instrument": instrument.slug, "start": start.isoformat(), "end": end.isoformat(), **more}


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def nothing_was_done():
    tables = (Booking, Claim, Mail, Notice, IdempotencyKey)
    return not any(table.objects.exists() for table in tables)


def test_a_request_is_held_and_its_lab_admin_told(call, researcher, manager, sem, nine):
    response = call(researcher).post(BOOKINGS, wish(sem, nine))

    assert response.status_code == 201, response.content
    body = response.json()
    assert (body["state"], body["start"], body["instrument"]) == ("requested", nine.isoformat(), sem.slug)
    assert Claim.objects.filter(booking=body["id"], instrument=sem).count() == 1
    assert Mail.objects.get().address == manager.email
    assert Notice.objects.get().reader == manager


def test_an_instrument_without_approval_is_booked_at_once(call, researcher, manager, xrd, nine):
    response = call(researcher).post(BOOKINGS, wish(xrd, nine))

    assert (response.status_code, response.json()["state"]) == (201, "confirmed")
    assert Mail.objects.get().address == researcher.email


def test_a_slot_that_overlaps_another_is_refused_and_nobody_is_told(call, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)

    response = call(researcher).post(BOOKINGS, wish(sem, nine, hours=2))

    assert (response.status_code, codes(response)) == (409, ["slot_taken"])
    assert response["Content-Type"] == "application/problem+json"
    assert not Mail.objects.exists()
    assert Booking.objects.count() == 1


def test_the_three_nearest_free_times_come_with_a_clash_and_can_be_booked(call, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)

    offered = call(researcher).post(BOOKINGS, wish(sem, nine)).json()["alternatives"]

    assert len(offered) == 3
    assert offered[0]["start"] == (nine - HOUR).isoformat()
    again = call(researcher).post(BOOKINGS, offered[0])
    assert again.status_code == 201


def test_ten_oclock_ends_one_booking_and_begins_the_next(call, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)

    assert call(researcher).post(BOOKINGS, wish(sem, nine + HOUR)).status_code == 201


def test_buffers_are_kept_free_beside_other_bookings(call, researcher, labmate, sem, nine):
    booked(sem, at=nine, by=labmate)
    set_policy(sem, buffer_before_minutes=15)

    assert codes(call(researcher).post(BOOKINGS, wish(sem, nine + HOUR))) == ["slot_taken"]
    assert call(researcher).post(BOOKINGS, wish(sem, nine + 1.5 * HOUR)).status_code == 201


def test_every_objection_is_told_at_once_with_the_rules_value(call, researcher, sem, nine):
    set_policy(sem, longest_minutes=240, training_level=2)

    response = call(researcher).post(BOOKINGS, wish(sem, nine + timedelta(minutes=7), hours=11))

    assert codes(response) == ["not_trained", "off_grid", "too_long", "closed"]
    too_long = response.json()["objections"][2]
    assert too_long["longest_minutes"] == 240
    assert too_long["detail"] == "最长预约 4 小时，您申请了 11 小时。"
    assert nothing_was_done()


def test_refusals_speak_the_language_that_the_caller_accepts(call, researcher, sem, nine):
    set_policy(sem, longest_minutes=60)

    response = call(researcher).post(BOOKINGS, wish(sem, nine, hours=2), headers={"Accept-Language": "en"})

    assert response.json()["objections"][0]["detail"] == "Longest booking 1 h; you asked for 2 h."
    assert response["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"end": "2026-01-01T09:00:00+08:00"}, "/end", "not_after_start"),
        ({"start": "2027-01-01T09:00:00"}, "/start", "naive"),
        ({"start": "9999-01-01T09:00:00+08:00", "end": "9999-01-01T10:00:00+08:00"}, "/start", "far"),
        ({"start": "tomorrow"}, "/start", "invalid"),
        ({"start": 17}, "/start", "invalid"),
        ({"start": None}, "/start", "null"),
        ({"colour": "red"}, "/colour", "unknown_field"),
        ({"purpose": "maintenance"}, "/purpose", "invalid_choice"),
        ({"title": "x" * 121}, "/title", "max_length"),
        ({"title": "a\u0000b"}, "/title", "null_characters_not_allowed"),
        ({"answers": [1]}, "/answers", "not_a_dict"),
    ],
)
def test_input_of_the_wrong_shape_is_a_400_that_names_the_field(call, researcher, sem, nine, change, pointer, code):
    response = call(researcher).post(BOOKINGS, wish(sem, nine) | change)

    assert response.status_code == 400
    assert {"pointer": pointer, "code": code} in [
        {"pointer": each["pointer"], "code": each["code"]} for each in response.json()["errors"]
    ]
    assert nothing_was_done()


def test_a_body_that_is_no_object_or_no_json_or_too_large_is_a_4xx(call, researcher, sem, nine):
    caller = call(researcher)

    listed = caller.post(BOOKINGS, [1, 2])
    caller.credentials(**caller._credentials, HTTP_IDEMPOTENCY_KEY=fresh_key())
    broken = caller.generic("POST", BOOKINGS, "{", content_type="application/json")
    deep = caller.generic("POST", BOOKINGS, "[" * 9000 + "]" * 9000, content_type="application/json")
    half = caller.generic("POST", BOOKINGS, '{"answers": {"a": "\\ud800"}}', content_type="application/json")
    huge = caller.generic("POST", BOOKINGS, b'{"title": "' + b"x" * 10_000_000 + b'"}', content_type="application/json")

    assert [each.status_code for each in (listed, broken, deep, half, huge)] == [400, 400, 400, 400, 413]
    assert nothing_was_done()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": Status.MAINTENANCE}, "out_of_order"),
        ({"booked_where": BookedWhere.OWNER, "booked_url": "https://owner.example/"}, "booked_elsewhere"),
        ({"booked_where": BookedWhere.ENQUIRY}, "by_enquiry"),
        ({"sharing": ["internal"]}, "not_shared"),
    ],
)
def test_an_instrument_that_takes_no_bookings_says_so(call, stranger, sem, nine, fields, code):
    enter_instrument(sem.facility, slug=sem.slug, **fields)

    assert codes(call(stranger).post(BOOKINGS, wish(sem, nine))) == [code]


def test_an_unknown_and_a_retired_instrument_look_alike(call, researcher, sem, nine):
    unknown = call(researcher).post(BOOKINGS, wish(sem, nine) | {"instrument": "no-such-thing"})
    enter_instrument(sem.facility, slug=sem.slug, status=Status.RETIRED)
    retired = call(researcher).post(BOOKINGS, wish(sem, nine))

    assert unknown.status_code == retired.status_code == 404
    assert unknown.json() == retired.json()


def test_a_claimed_membership_does_not_book_until_it_is_confirmed(call, stranger, university, sem, nine):
    stranger.memberships.create(organisation=university)

    assert codes(call(stranger).post(BOOKINGS, wish(sem, nine))) == ["not_confirmed"]


def test_answers_are_asked_for_kept_in_both_languages_and_shown(call, researcher, manager, sem, nine):
    conductive = {
        "key": "conductive",
        "kind": "yes_no",
        "label_zh": "导电吗",
        "label_en": "Conductive?",
        "required": True,
    }
    enter_instrument(sem.facility, slug=sem.slug, questions=[conductive])

    missing = call(researcher).post(BOOKINGS, wish(sem, nine))
    wrong = call(researcher).post(BOOKINGS, wish(sem, nine, answers={"conductive": "perhaps"}))
    unknown = call(researcher).post(BOOKINGS, wish(sem, nine, answers={"conductive": True, "colour": "red"}))
    right = call(researcher).post(BOOKINGS, wish(sem, nine, answers={"conductive": True}))

    assert [codes(each) for each in (missing, wrong, unknown)] == [
        ["answer_missing"],
        ["answer_wrong"],
        ["unknown_question"],
    ]
    seen = call(manager).get(f"{BOOKINGS}{right.json()['id']}/").json()["answers"][0]
    assert (seen["label_en"], seen["answer_en"], seen["answer_zh"]) == ("Conductive?", "yes", "是")
    assert call(manager).get(BOOKINGS).json()["results"] == [right.json()]


def test_without_an_idempotency_key_nothing_is_booked(call, researcher, sem, nine):
    response = call(researcher).post(BOOKINGS, wish(sem, nine), key=None)

    assert (response.status_code, response.json()["errors"][0]["code"]) == (400, "missing_idempotency_key")
    assert nothing_was_done()


def test_the_same_key_gets_the_same_booking_and_another_body_is_refused(call, researcher, sem, nine):
    caller, key = call(researcher), fresh_key()

    first = caller.post(BOOKINGS, wish(sem, nine), key=key)
    second = caller.post(BOOKINGS, wish(sem, nine), key=key)
    other = caller.post(BOOKINGS, wish(sem, nine + HOUR), key=key)

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
    assert Booking.objects.count() == 1


def test_a_refused_request_may_be_sent_again_with_its_key(call, researcher, labmate, sem, nine):
    rival, key = booked(sem, at=nine, by=labmate), fresh_key()
    caller = call(researcher)
    assert caller.post(BOOKINGS, wish(sem, nine), key=key).status_code == 409
    rival.claims.all().delete()

    assert caller.post(BOOKINGS, wish(sem, nine), key=key).status_code == 201


def test_revoked_expired_unknown_and_narrow_tokens_are_turned_away(call, researcher, sem, nine):
    revoked, expired = call(researcher), call(researcher)
    tokens = researcher.api_tokens.order_by("created_at")
    revoke_token(tokens[0], by=researcher)
    tokens.filter(pk=tokens[1].pk).update(expires_at=timezone.now())
    unknown = call()
    unknown.credentials(HTTP_AUTHORIZATION="Bearer jishi_abcdefgh_" + "x" * 43)

    for caller in (revoked, expired, unknown):
        response = caller.post(BOOKINGS, wish(sem, nine))
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert call(researcher, "read").post(BOOKINGS, wish(sem, nine)).status_code == 403
    assert call().post(BOOKINGS, wish(sem, nine)).status_code == 401
    assert nothing_was_done()


def test_a_disabled_user_is_out_at_once(call, researcher, sem, nine):
    caller = call(researcher)
    researcher.is_active = False
    researcher.save()

    assert caller.post(BOOKINGS, wish(sem, nine)).status_code == 401


def test_somebody_elses_booking_looks_like_none(call, stranger, labmate, sem, nine):
    theirs = booked(sem, at=nine, by=labmate)
    absent = "01900000-0000-7000-8000-000000000000"

    for path in ("", "cancel/", "confirm/"):
        method = call(stranger).post if path else call(stranger).get
        seen, missing = method(f"{BOOKINGS}{theirs.pk}/{path}"), method(f"{BOOKINGS}{absent}/{path}")
        assert seen.status_code == missing.status_code == 404
        assert seen.json() == missing.json()
    assert call(stranger).get(BOOKINGS).json()["results"] == []


def test_posting_a_booking_costs_at_most_twelve_statements(call, researcher, manager, sem, nine, statements):
    caller = call(researcher)

    with statements() as counted:
        assert caller.post(BOOKINGS, wish(sem, nine)).status_code == 201

    assert len(counted) <= 12, "\n".join(counted)


@pytest.mark.parametrize("rows", [10, 200])
def test_a_list_of_bookings_costs_the_same_however_long_it_is(call, researcher, sem, nine, rows, statements):
    for n in range(rows):
        booked(sem, at=nine + n * HOUR, by=researcher)
    caller = call(researcher)
    caller.get(BOOKINGS)

    with statements() as counted:
        assert len(caller.get(BOOKINGS, {"limit": 100}).json()["results"]) == min(rows, 100)

    assert len(counted) == 2, "\n".join(counted)


@pytest.mark.parametrize("query", ["from=2026-11-24T00:00:00", "from=9999-01-01T00:00:00Z", "state=lost", "to=x"])
def test_a_filter_that_cannot_be_meant_is_a_400(call, researcher, query):
    assert call(researcher).get(f"{BOOKINGS}?{query}").status_code == 400


def test_an_address_that_the_api_does_not_know_is_a_problem_too(call, researcher):
    response = call(researcher).get("/api/v1/nonsense/")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["instruments/", "instruments/sem/policy/", "me/", "bookings/"])
def test_a_method_that_a_path_does_not_have_is_a_405_by_token_too(call, researcher, sem, path):
    assert call(researcher).put(f"/api/v1/{path}").status_code == 405


def test_free_time_keeps_clear_of_what_is_held_just_outside_the_window(call, researcher, labmate, sem, nine):
    set_policy(sem, buffer_after_minutes=30)
    booked(sem, at=nine + 2 * HOUR, by=labmate)
    window = {"from": nine.isoformat(), "to": (nine + 2 * HOUR).isoformat()}

    answer = call().get("/api/v1/instruments/sem/availability/", window).json()

    assert answer["held"] == []
    assert answer["free"] == [{"start": nine.isoformat(), "end": (nine + 1.5 * HOUR).isoformat()}]
