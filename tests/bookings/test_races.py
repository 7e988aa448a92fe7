"""Rivals at one instrument: one wins, the others are told; and with the guards off this test would see it.

The full count is run by `./portal prove contention`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import F

from bookings.models import NO_OVERLAP, Booking, Claim
from bookings.rules import objections_to_booking
from bookings.services import book, confirm, decline
from bookings.states import State
from common.errors import Refused
from common.interval import Interval
from notifications.models import Mail
from tests.database import without_constraint
from tests.factories import booked, fresh_key, member, not_locked

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts, *, patience=60):
    """Run all at the same moment, each with a connection of its own; returns their results or errors.

    Whoever is not done after so many seconds fails the test: what they do then would be laid to another's charge.
    """
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        try:
            barrier.wait(timeout=10)
            results[place] = act()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=patience)
    assert not any(thread.is_alive() for thread in threads), f"not done after {patience} s"
    return results


def overlaps():
    """Pairs of claims on one instrument that overlap: the question that the constraint answers, asked anew."""
    pairs = Claim.objects.filter(
        instrument__claims__pk__gt=F("pk"),
        instrument__claims__starts_at__lt=F("ends_at"),
        instrument__claims__ends_at__gt=F("starts_at"),
    )
    return pairs.count()


@contextmanager
def unguarded(objections, model=Claim, constraint=NO_OVERLAP):
    """For negative controls: lock and constraint are off in the block, and `objections` stands for the rule."""
    with (
        without_constraint(model, constraint),
        patch("bookings.services.book.lock_with_terms", not_locked),
        patch("bookings.services.book.objections_to_booking", objections),
    ):
        yield


def rivals(university, number):
    return [member(f"rival{n}", university) for n in range(number)]


def test_of_8_rivals_for_one_slot_one_wins_in_each_of_5_rounds(university, sem, nine):
    people = rivals(university, 8)
    for n in range(5):
        slot = Interval(nine + n * HOUR, nine + (n + 1) * HOUR)
        results = at_once([lambda who=who, slot=slot: book(sem.slug, by=who, interval=slot) for who in people])

        assert sum(isinstance(each, Booking) for each in results) == 1
        lost = [each for each in results if not isinstance(each, Booking)]
        assert all(isinstance(each, Refused) and each.refusals[0].code == "slot_taken" for each in lost), lost
    assert overlaps() == 0


def test_without_the_lock_the_constraint_alone_still_lets_one_win(university, sem, nine):
    people, slot = rivals(university, 6), Interval(nine, nine + HOUR)
    everyone_has_looked = threading.Barrier(6)

    def look_and_wait(given):
        found = objections_to_booking(given)
        everyone_has_looked.wait(timeout=10)
        return found

    with (
        patch("bookings.services.book.lock_with_terms", not_locked),
        patch("bookings.services.book.objections_to_booking", look_and_wait),
    ):
        results = at_once([lambda who=who: book(sem.slug, by=who, interval=slot) for who in people])

    assert sum(isinstance(each, Booking) for each in results) == 1, results
    assert overlaps() == 0


def test_with_lock_and_constraint_off_this_test_sees_the_double_booking(university, sem, nine):
    """The negative control: were it to find none, the tests above would be blind."""
    people, slot = rivals(university, 2), Interval(nine, nine + HOUR)
    both_have_looked = threading.Barrier(2)

    def look_and_wait(given):
        found = objections_to_booking(given)
        both_have_looked.wait(timeout=10)
        return found

    with unguarded(look_and_wait):
        at_once([lambda who=who: book(sem.slug, by=who, interval=slot) for who in people])
        assert overlaps() == 1


def test_two_lab_admins_who_confirm_and_decline_at_once_decide_once(university, sem, nine, researcher, manager):
    wish = booked(sem, at=nine, by=researcher, state=State.REQUESTED)

    results = at_once(
        [lambda: confirm(wish, by=manager), lambda: decline(wish, by=manager, reason="full")] * 2,
    )

    assert sum(isinstance(each, Booking) for each in results) == 1
    assert Mail.objects.count() == 1


def test_one_key_sent_ten_times_at_once_books_once(call, researcher, sem, nine):
    key, body = fresh_key(), {"instrument": sem.slug, "start": nine.isoformat(), "end": (nine + HOUR).isoformat()}
    callers = [call(researcher) for _ in range(10)]

    results = at_once([lambda each=each: each.post("/api/v1/bookings/", body, key=key) for each in callers])

    assert Booking.objects.count() == 1
    assert {each.status_code for each in results} <= {201, 409}
    assert all(each.json()["code"] == "in_flight" for each in results if each.status_code == 409)
    assert 201 in {each.status_code for each in results}
