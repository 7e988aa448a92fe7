"""What happens to a booking after it was made: decided, given back, over."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from bookings.models import Booking, Claim
from bookings.services import complete_past, expire_lapsed, remind_of_coming, set_policy
from bookings.states import HOLDS_TIME, NEXT, State
from notifications.models import Mail, Notice
from tests.factories import booked, lab_admin, laboratory, university

HOUR = timedelta(hours=1)


def path(booking, action=""):
    return f"/api/v1/bookings/{booking.pk}/{action}"


def now_in(booking):
    booking.refresh_from_db()
    return booking.state


@pytest.fixture
def request_of(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher, state=State.REQUESTED)


def test_the_lab_admin_confirms_and_the_requester_hears_of_it(call, manager, researcher, request_of):
    response = call(manager).post(path(request_of, "confirm/"))

    assert (response.status_code, response.json()["state"]) == (200, "confirmed")
    mail = Mail.objects.get()
    assert (mail.address, mail.event) == (researcher.email, "booking_confirmed")
    assert request_of.claims.count() == 1


def test_a_decline_needs_a_reason_frees_the_time_and_the_mail_carries_it(call, manager, request_of):
    without = call(manager).post(path(request_of, "decline/"))
    response = call(manager).post(path(request_of, "decline/"), {"reason": "磁性样品请先联系操作员"})

    assert (without.status_code, response.status_code) == (400, 200)
    assert response.json()["reason"] == "磁性样品请先联系操作员"
    assert not Claim.objects.exists()
    assert "磁性样品请先联系操作员" in Mail.objects.get().body


def test_of_two_decisions_one_wins_and_the_other_is_told(call, manager, request_of):
    call(manager).post(path(request_of, "confirm/"))
    second = call(manager).post(path(request_of, "decline/"), {"reason": "no"})

    assert (second.status_code, second.json()["objections"][0]["code"]) == (409, "wrong_state")
    assert second.json()["objections"][0]["state"] == "confirmed"
    assert Mail.objects.count() == 1


def test_who_may_see_a_booking_and_not_decide_it_gets_a_403_and_others_a_404(call, researcher, request_of):
    elsewhere = lab_admin("elsewhere", laboratory(university(name_zh="西海大学"), "west"))

    assert call(researcher).post(path(request_of, "confirm/")).status_code == 403
    assert call(elsewhere).post(path(request_of, "confirm/")).status_code == 404
    assert now_in(request_of) == State.REQUESTED


def test_what_has_begun_can_no_longer_be_confirmed_or_cancelled(call, manager, researcher, sem, request_of):
    late = timezone.now() - timedelta(minutes=1)
    Booking.objects.update(starts_at=late)

    for action, who in (("confirm/", manager), ("cancel/", researcher)):
        assert call(who).post(path(request_of, action)).json()["objections"][0]["code"] in {"too_late", "begun"}


def test_a_cancelled_booking_gives_its_time_back_and_the_laboratory_hears_of_it(call, researcher, manager, request_of):
    response = call(researcher).post(path(request_of, "cancel/"))

    assert (response.json()["state"], response.json()["cancelled_as"]) == ("cancelled", "early")
    assert not Claim.objects.exists()
    assert [mail.address for mail in Mail.objects.all()] == [manager.email]


def test_the_laboratory_may_cancel_but_must_say_why(call, manager, researcher, request_of):
    without = call(manager).post(path(request_of, "cancel/"))
    response = call(manager).post(path(request_of, "cancel/"), {"reason": "the gun must be replaced"})

    assert without.status_code == 400
    assert response.json()["cancelled_as"] == "by_lab"
    mail = Mail.objects.get()
    assert mail.address == researcher.email
    assert "the gun must be replaced" in mail.body


def test_a_cancellation_takes_back_the_mail_that_has_not_left(call, researcher, manager, xrd, nine):
    body = {"instrument": xrd.slug, "start": nine.isoformat(), "end": (nine + HOUR).isoformat()}
    made = call(researcher).post("/api/v1/bookings/", body).json()

    call(researcher).post(f"/api/v1/bookings/{made['id']}/cancel/")

    assert [(mail.address, mail.event) for mail in Mail.objects.all()] == [(manager.email, "booking_cancelled")]


def test_past_bookings_are_completed_and_keep_their_claims(sem, researcher):
    now = timezone.now()
    over = booked(sem, at=now - 2 * HOUR, by=researcher)
    running = booked(sem, at=now - HOUR / 2, by=researcher)

    assert complete_past(now=now) == 1
    assert complete_past(now=now) == 0

    assert (now_in(over), now_in(running)) == (State.COMPLETED, State.CONFIRMED)
    assert Claim.objects.count() == 2


def test_a_request_that_nobody_answered_expires_and_both_sides_hear_of_it(sem, researcher, manager):
    now = timezone.now()
    missed = booked(sem, at=now - timedelta(minutes=1), by=researcher, state=State.REQUESTED)

    assert expire_lapsed(now=now) == 1

    assert now_in(missed) == State.EXPIRED
    assert not Claim.objects.exists()
    assert {mail.address for mail in Mail.objects.all()} == {researcher.email, manager.email}


def test_reminders_come_a_day_and_an_hour_before_once_each(sem, researcher, nine):
    booked(sem, at=nine, by=researcher)
    counts = []
    for before in (25 * HOUR, 23.9 * HOUR, 23.8 * HOUR, 1.1 * HOUR, 0.9 * HOUR, 0.8 * HOUR, -HOUR):
        remind_of_coming(now=nine - before)
        counts.append(Mail.objects.filter(event="booking_reminder").count())

    assert counts == [0, 1, 1, 1, 2, 2, 2]
    assert Notice.objects.filter(reader=researcher).count() == 2


@pytest.mark.parametrize("state", [State.CANCELLED, State.DECLINED, State.REQUESTED])
def test_nobody_is_reminded_of_what_does_not_stand(sem, researcher, nine, state):
    booked(sem, at=nine, by=researcher, state=state, **({"reason": "x"} if state == State.DECLINED else {}))

    assert remind_of_coming(now=nine - HOUR / 2) == 0


def test_who_books_at_the_last_minute_needs_no_reminder_of_a_day_before(sem, researcher, nine):
    booked(sem, at=nine, by=researcher, decided_at=nine - 3 * HOUR)

    assert remind_of_coming(now=nine - 2.9 * HOUR) == 0
    assert remind_of_coming(now=nine - 0.9 * HOUR) == 1


def test_a_day_later_reminders_that_were_missed_are_not_sent_twice_over(sem, researcher, nine):
    booked(sem, at=nine, by=researcher)

    with time_machine.travel(nine - HOUR / 2, tick=False):
        assert remind_of_coming(now=timezone.now()) == 1


def test_the_table_of_transitions_covers_every_state_and_final_states_lead_nowhere():
    assert set(NEXT) == set(State)
    assert all(following <= set(State) for following in NEXT.values())
    assert NEXT[State.COMPLETED] == NEXT[State.CANCELLED] == NEXT[State.EXPIRED] == set()
    assert {State.DECLINED, State.CANCELLED, State.EXPIRED, State.NO_SHOW}.isdisjoint(HOLDS_TIME)


def test_the_database_refuses_what_no_rule_was_asked_about(sem, xrd, researcher, nine):
    taken = booked(sem, at=nine, by=researcher)
    broken = [
        lambda: Claim.objects.create(booking=taken, instrument=sem, starts_at=nine, ends_at=nine + HOUR),
        lambda: Claim.objects.create(booking=taken, instrument=xrd, starts_at=nine, ends_at=nine),
        lambda: Claim.objects.create(booking=taken, instrument=xrd, starts_at=nine, ends_at=nine + 800 * HOUR),
        lambda: Booking.objects.filter(pk=taken.pk).update(state="declined"),
        lambda: Booking.objects.filter(pk=taken.pk).update(state="nonsense"),
        lambda: Booking.objects.filter(pk=taken.pk).update(ends_at=nine),
    ]
    for breach in broken:
        with pytest.raises(IntegrityError), transaction.atomic():
            breach()


@pytest.mark.parametrize(
    "terms",
    [
        {"step_minutes": 7},
        {"shortest_minutes": 10},
        {"longest_minutes": 0},
        {"horizon_days": 0},
        {"longest_minutes": 99_999},
    ],
)
def test_a_policy_out_of_range_is_refused_where_it_is_entered(sem, terms):
    with pytest.raises(ValidationError):
        set_policy(sem, **terms)


def test_who_no_longer_runs_a_laboratory_hears_nothing_of_it(sem, researcher, manager):
    manager.facility_roles.update(until=timezone.localdate() - timedelta(days=1))
    now = timezone.now()
    booked(sem, at=now - timedelta(minutes=1), by=researcher, state=State.REQUESTED)

    expire_lapsed(now=now)

    assert [mail.address for mail in Mail.objects.all()] == [researcher.email]
