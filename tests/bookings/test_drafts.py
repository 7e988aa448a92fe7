"""A draft holds the time for ten minutes while the form is filled in."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from bookings.models import Booking, Claim
from bookings.services import expire_lapsed, set_policy
from bookings.states import State
from notifications.models import Mail
from tests.factories import instrument

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def draft(client, on, at, hours=1, **more):
    body = {"instrument": on.slug, "start": at.isoformat(), "end": (at + hours * HOUR).isoformat(), **more}
    return client.post("/api/v1/bookings/", {"draft": True, **body})


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def test_a_draft_holds_the_time_for_ten_minutes_and_nobody_is_told(call, researcher, labmate, manager, sem, nine):
    held = draft(call(researcher), sem, nine)
    rival = draft(call(labmate), sem, nine)

    assert (held.status_code, held.json()["state"]) == (201, "draft")
    assert (rival.status_code, codes(rival)) == (409, ["slot_taken"])
    assert Booking.objects.get().expires_at - timezone.now() < 10 * MINUTE
    assert not Mail.objects.exists()


def test_one_draft_for_each_instrument_and_two_in_all(call, researcher, centre, sem, nine):
    client = call(researcher)
    others = [instrument(centre, f"other-{n}") for n in range(2)]
    draft(client, sem, nine)

    assert codes(draft(client, sem, nine + 2 * HOUR)) == ["draft_live"]
    assert draft(client, others[0], nine).status_code == 201
    assert codes(draft(client, others[1], nine)) == ["too_many_drafts"]


def test_a_draft_is_sent_and_becomes_a_request_or_is_confirmed_at_once(call, researcher, manager, sem, xrd, nine):
    client = call(researcher)
    first, second = draft(client, sem, nine).json(), draft(client, xrd, nine).json()

    asked = client.post(f"/api/v1/bookings/{first['id']}/submit/", {"title": "断口"})
    booked = client.post(f"/api/v1/bookings/{second['id']}/submit/")

    assert (asked.json()["state"], asked.json()["title"]) == ("requested", "断口")
    assert booked.json()["state"] == "confirmed"
    assert {mail.event for mail in Mail.objects.all()} == {"booking_requested", "booking_confirmed"}
    assert Claim.objects.count() == 2


def test_a_draft_is_dropped_and_its_time_is_free(call, researcher, labmate, sem, nine):
    held = draft(call(researcher), sem, nine).json()

    dropped = call(researcher).post(f"/api/v1/bookings/{held['id']}/cancel/")

    assert dropped.json()["state"] == "cancelled"
    assert not Claim.objects.exists()
    assert not Mail.objects.exists()


def test_an_expired_draft_frees_its_time_and_can_no_longer_be_sent(call, researcher, sem, nine):
    client = call(researcher)
    held = draft(client, sem, nine).json()

    with time_machine.travel(timezone.now() + 11 * MINUTE):
        assert expire_lapsed(now=timezone.now()) == 1
        late = client.post(f"/api/v1/bookings/{held['id']}/submit/")

    assert codes(late) == ["draft_over"]
    assert Booking.objects.get().state == State.EXPIRED
    assert not Claim.objects.exists()
    assert not Mail.objects.exists()


def test_a_live_draft_is_not_expired(call, researcher, sem, nine):
    draft(call(researcher), sem, nine)

    assert expire_lapsed(now=timezone.now() + 9 * MINUTE) == 0


@pytest.mark.parametrize(("hours", "due"), [(24, 24), (0, None)])
def test_a_request_lapses_by_policy_else_when_it_would_begin(call, researcher, sem, nine, hours, due):
    set_policy(sem, decide_within_hours=hours)
    call(researcher).post(
        "/api/v1/bookings/", {"instrument": sem.slug, "start": nine.isoformat(), "end": (nine + HOUR).isoformat()}
    )

    booking = Booking.objects.get()
    waits = booking.expires_at - booking.created_at
    assert booking.expires_at == nine if due is None else abs(waits - due * HOUR) < MINUTE
