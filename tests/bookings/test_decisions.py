"""Between a request and its decision: questions, offers, undo, changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bookings.models import Booking, Change, Claim
from bookings.services import expire_changes, expire_lapsed, set_policy
from bookings.states import State
from notifications.models import Mail, Notice
from tests.factories import booked, instrument

HOUR = timedelta(hours=1)


def path(booking, action=""):
    return f"/api/v1/bookings/{booking.pk}/{action}"


def times(start, hours=1):
    return {"start": start.isoformat(), "end": (start + hours * HOUR).isoformat()}


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def held(instrument_):
    claims = Claim.objects.filter(instrument=instrument_).order_by("starts_at")
    return [(each.starts_at, each.ends_at) for each in claims]


def patch(client, booking, body):
    tag = client.get(path(booking)).headers["ETag"]
    return client.patch(path(booking), body, format="json", headers={"If-Match": tag})


@pytest.fixture
def request_of(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher, state=State.REQUESTED)


@pytest.fixture
def booking_of(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher)


def test_a_question_keeps_the_time_held_and_the_answer_brings_the_request_back(call, manager, researcher, request_of):
    asked = call(manager).post(path(request_of, "ask/"), {"question": "样品有磁性吗？"})
    answered = call(researcher).post(path(request_of, "answer/"), {"text": "没有。"})

    assert (asked.json()["state"], asked.json()["question"]) == ("needs_info", "样品有磁性吗？")
    assert answered.json()["state"] == "requested"
    assert Claim.objects.count() == 1
    assert "没有。" in Mail.objects.get(event="booking_answered").body


def test_a_decision_is_taken_back_within_its_minute_and_nobody_hears_of_it(call, manager, researcher, request_of):
    call(manager).post(path(request_of, "confirm/"))
    seen = Notice.objects.filter(reader=researcher).due(timezone.now()).exists()
    undone = call(manager).post(path(request_of, "undo/"))

    assert (seen, undone.json()["state"]) == (False, "requested")
    assert not Mail.objects.exists()
    assert not Notice.objects.filter(reader=researcher).exists()


def test_a_decline_is_taken_back_with_its_time_unless_that_is_gone(call, manager, labmate, request_of, sem, nine):
    call(manager).post(path(request_of, "decline/"), {"reason": "维修"})
    assert not Claim.objects.exists()
    assert call(manager).post(path(request_of, "undo/")).json()["state"] == "requested"
    assert held(sem) == [(nine, nine + HOUR)]

    call(manager).post(path(request_of, "decline/"), {"reason": "维修"})
    booked(sem, at=nine, by=labmate)
    assert codes(call(manager).post(path(request_of, "undo/"))) == ["slot_taken"]


def test_after_the_minute_a_decision_stands(call, manager, request_of):
    client = call(manager)
    client.post(path(request_of, "confirm/"))

    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert codes(client.post(path(request_of, "undo/"))) == ["too_late_to_undo"]


def test_an_offer_holds_both_times_until_the_requester_accepts_by_one_tap(
    call, manager, researcher, request_of, sem, nine
):
    offered = call(manager).post(path(request_of, "confirm/"), times(nine + 3 * HOUR))

    assert offered.json()["state"] == "requested"
    assert offered.json()["change"]["kind"] == "counter"
    assert held(sem) == [(nine, nine + HOUR), (nine + 3 * HOUR, nine + 4 * HOUR)]
    assert codes(call(manager).post(path(request_of, "confirm/"))) == ["offer_waits"]

    accepted = call(researcher).post(path(request_of, "accept-change/"))
    assert (accepted.json()["state"], accepted.json()["change"]) == ("confirmed", None)
    assert held(sem) == [(nine + 3 * HOUR, nine + 4 * HOUR)]


def test_an_offer_that_is_refused_or_lapses_cancels_the_request_free_of_charge(
    call, manager, researcher, request_of, nine
):
    call(manager).post(path(request_of, "confirm/"), times(nine + 3 * HOUR))
    refused = call(researcher).post(path(request_of, "accept-change/"), {"accept": False})

    assert (refused.json()["state"], refused.json()["cancelled_as"]) == ("cancelled", "early")
    assert not Claim.objects.exists()


def test_an_offer_lapses_after_two_days(call, manager, request_of, nine):
    call(manager).post(path(request_of, "confirm/"), times(nine + 3 * HOUR))

    assert expire_changes(now=timezone.now() + timedelta(hours=47)) == 0
    assert expire_changes(now=timezone.now() + timedelta(hours=49)) == 1
    assert Booking.objects.get().state == State.CANCELLED
    assert Change.objects.get().state == "expired"


def test_a_shorter_time_or_one_that_would_do_as_well_needs_no_answer(call, manager, sem, nine, researcher):
    request = booked(sem, at=nine, by=researcher, hours=2, state=State.REQUESTED, flexible_minutes=60)

    shorter = call(manager).post(path(request, "confirm/"), times(nine, 1))
    assert (shorter.json()["state"], held(sem)) == ("confirmed", [(nine, nine + HOUR)])

    other = booked(sem, at=nine + 4 * HOUR, by=researcher, state=State.REQUESTED, flexible_minutes=60)
    shifted = call(manager).post(path(other, "confirm/"), times(nine + 5 * HOUR))
    assert shifted.json()["state"] == "confirmed"


def test_an_offer_of_another_instrument(call, manager, researcher, request_of, centre, nine):
    twin = instrument(centre, "twin")
    call(manager).post(path(request_of, "confirm/"), {"instrument": "twin"})
    accepted = call(researcher).post(path(request_of, "accept-change/"))

    assert (accepted.json()["instrument"], accepted.json()["state"]) == ("twin", "confirmed")
    assert held(twin) == [(nine, nine + HOUR)]
    assert Claim.objects.count() == 1


def test_a_move_that_needs_approval_holds_old_and_new_until_it_is_decided(
    call, manager, researcher, booking_of, sem, nine
):
    later = nine + 5 * HOUR
    asked = patch(call(researcher), booking_of, times(later))

    assert asked.status_code == 200
    assert (asked.json()["state"], asked.json()["change"]["kind"]) == ("confirmed", "move")
    assert held(sem) == [(nine, nine + HOUR), (later, later + HOUR)]

    agreed = call(manager).post(path(booking_of, "confirm/"))
    assert (agreed.json()["state"], held(sem)) == ("confirmed", [(later, later + HOUR)])


def test_a_declined_move_leaves_the_old_booking_standing(call, manager, researcher, booking_of, sem, nine):
    patch(call(researcher), booking_of, times(nine + 5 * HOUR))
    declined = call(manager).post(path(booking_of, "decline/"), {"reason": "那天停电"})

    assert (declined.json()["state"], declined.json()["change"]) == ("confirmed", None)
    assert held(sem) == [(nine, nine + HOUR)]


def test_an_extension_holds_only_what_is_new_and_overlaps_nothing(call, researcher, booking_of, sem, nine):
    patch(call(researcher), booking_of, {"end": (nine + 2 * HOUR).isoformat()})

    assert held(sem) == [(nine, nine + HOUR), (nine + HOUR, nine + 2 * HOUR)]


def test_without_approval_a_move_is_one_transaction(call, researcher, labmate, manager, xrd, nine):
    mine = booked(xrd, at=nine, by=researcher)
    booked(xrd, at=nine + 2 * HOUR, by=labmate)

    taken = patch(call(researcher), mine, times(nine + 2 * HOUR))
    moved = patch(call(researcher), mine, times(nine + HOUR))

    assert (taken.status_code, codes(taken)) == (409, ["slot_taken"])
    assert (moved.status_code, moved.json()["version"]) == (200, 2)
    assert held(xrd)[0] == (nine + HOUR, nine + 2 * HOUR)


def test_shortening_never_needs_approval(call, researcher, sem, nine):
    mine = booked(sem, at=nine, by=researcher, hours=3)

    shorter = patch(call(researcher), mine, {"end": (nine + 2 * HOUR).isoformat()})

    assert shorter.json()["change"] is None
    assert held(sem) == [(nine, nine + 2 * HOUR)]


def test_a_change_names_the_version_that_it_changes(call, researcher, booking_of, nine):
    client = call(researcher)
    without = client.patch(path(booking_of), times(nine + HOUR), format="json")
    other = client.patch(path(booking_of), times(nine + HOUR), format="json", headers={"If-Match": '"v99"'})

    assert (without.status_code, other.status_code) == (428, 412)
    known = client.get(path(booking_of), headers={"If-None-Match": client.get(path(booking_of)).headers["ETag"]})
    assert known.status_code == 304


def test_the_laboratory_cannot_move_somebodys_booking_without_their_yes(
    call, manager, researcher, booking_of, sem, nine
):
    offered = patch(call(manager), booking_of, times(nine + 4 * HOUR))
    assert offered.json()["change"]["kind"] == "counter"

    refused = call(researcher).post(path(booking_of, "accept-change/"), {"accept": False})
    assert (refused.json()["state"], held(sem)) == ("confirmed", [(nine, nine + HOUR)])


def test_a_cancellation_after_the_deadline_is_marked_as_late(call, researcher, xrd, nine):
    set_policy(xrd, cancel_deadline_minutes=7 * 1440)
    mine = booked(xrd, at=nine, by=researcher)

    assert call(researcher).post(path(mine, "cancel/")).json()["cancelled_as"] == "late"


def test_an_offer_lapses_as_an_offer_and_not_as_an_unanswered_request(call, manager, request_of, nine):
    call(manager).post(path(request_of, "confirm/"), times(nine + 3 * HOUR))

    late = timezone.now() + timedelta(hours=49)
    assert expire_lapsed(now=late) == 0
    assert expire_changes(now=late) == 1
    assert Booking.objects.get().cancelled_as == "early"


def test_what_is_over_can_no_longer_be_changed_and_holds_nothing_for_it(call, researcher, booking_of, sem, nine):
    patch(call(researcher), booking_of, {"end": (nine + 3 * HOUR).isoformat()})
    with time_machine.travel(nine, tick=False):
        call(researcher).post(path(booking_of, "check-in/"))
    with time_machine.travel(nine + HOUR / 2, tick=False):
        assert call(researcher).post(path(booking_of, "check-out/")).json()["state"] == "completed"

    assert held(sem) == [(nine, nine + HOUR / 2)]
    assert Change.objects.get().state == "withdrawn"


def test_a_decision_is_not_taken_back_while_another_time_is_asked_for(call, manager, researcher, request_of, nine):
    """Found by the model: the request would have waited with a change of its own."""
    call(manager).post(path(request_of, "confirm/"))
    patch(call(researcher), request_of, times(nine + 4 * HOUR))

    assert codes(call(manager).post(path(request_of, "undo/"))) == ["change_waits"]
