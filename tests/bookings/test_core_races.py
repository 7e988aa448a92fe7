"""Two at once, at every point where the core decides: one wins, nothing is half done, and the guards are seen to work.

The full counts are run by `./portal prove booking`.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from bookings.models import OPERATOR_FREE, Booking, Claim, OperatorClaim
from bookings.rules import objections_to_booking
from bookings.services import book, confirm, expire_lapsed, move, refuse_change, set_operator, set_policy, submit
from bookings.states import State
from common.errors import Refused
from common.interval import Interval
from notifications.models import Mail
from tests.bookings.test_races import at_once, overlaps, rivals, unguarded
from tests.factories import AROUND_THE_CLOCK, booked, instrument

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.django_db(transaction=True)


def hour(start, hours=1):
    return Interval(start, start + hours * HOUR)


def wanted(on, who, start):
    """What somebody wants: an hour from `start`."""
    return lambda: book(on.slug, by=who, interval=hour(start))


def test_two_confirmations_at_once_are_one_transition_in_each_of_4_rounds(sem, nine, researcher, manager):
    for n in range(4):
        wish = booked(sem, at=nine + n * HOUR, by=researcher, state=State.REQUESTED)

        results = at_once([lambda wish=wish: confirm(wish, by=manager)] * 4)

        assert sum(isinstance(each, Booking) for each in results) == 1
        assert all(each.refusals[0].code == "wrong_state" for each in results if isinstance(each, Refused))
    assert Mail.objects.count() == 4


def test_without_the_lock_both_confirm(sem, nine, researcher, manager):
    """The negative control: the row lock is what makes it one."""
    wish = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    first, second = (Booking.objects.with_everything().get(pk=wish.pk) for _n in range(2))

    with patch("bookings.services.decide.locked", lambda booking: booking):
        results = [confirm(first, by=manager), confirm(second, by=manager)]

    assert [each.state for each in results] == [State.CONFIRMED] * 2


def test_a_draft_that_is_sent_while_it_expires_is_one_or_the_other_in_6_rounds(sem, nine, researcher):
    for n in range(6):
        draft = book(sem.slug, by=researcher, interval=hour(nine + n * HOUR), draft=True)
        late = timezone.now() + timedelta(minutes=11)

        at_once([lambda draft=draft: submit(draft, by=researcher), lambda late=late: expire_lapsed(now=late)])

        draft.refresh_from_db()
        holds = Claim.objects.filter(booking=draft).exists()
        assert (draft.state, holds) in {(State.REQUESTED, True), (State.EXPIRED, False)}
        Booking.objects.filter(pk=draft.pk).update(expires_at=nine)


def test_nobody_takes_the_old_or_the_new_time_of_a_change_while_it_waits(university, sem, nine, researcher, manager):
    mine = booked(sem, at=nine, by=researcher)
    move(mine, by=researcher, interval=hour(nine + 5 * HOUR))
    people = rivals(university, 4)

    results = at_once([wanted(sem, who, nine + n * HOUR) for who, n in zip(people, [0, 5] * 2, strict=True)])

    assert all(isinstance(each, Refused) for each in results)
    refuse_change(mine, by=manager, reason="x")
    assert book(sem.slug, by=people[0], interval=hour(nine + 5 * HOUR)).state == State.REQUESTED
    assert overlaps() == 0


@pytest.fixture
def operated(centre, sem, xrd, manager, labmate):
    """Two instruments and the one operator of both."""
    for each in (sem, xrd):
        set_policy(each, operator="always")
    set_operator(centre, labmate, by=manager, instruments=[sem, xrd], hours=AROUND_THE_CLOCK)
    return [sem, xrd]


def test_one_operator_is_not_claimed_by_two_instruments_at_once_in_5_rounds(university, operated, nine):
    people = rivals(university, 4)
    for n in range(5):
        slot = hour(nine + n * HOUR)
        at_once(
            [
                lambda who=who, on=on, slot=slot: book(on.slug, by=who, interval=slot)
                for who, on in zip(people, operated * 2, strict=True)
            ]
        )
        assert Claim.objects.filter(starts_at=slot.start).count() == 1
        assert OperatorClaim.objects.filter(starts_at=slot.start).count() == 1


def test_without_constraint_and_lock_the_operator_is_booked_twice(university, operated, nine):
    """The negative control of the test above."""
    both_have_looked = threading.Barrier(2)

    def look_and_wait(given):
        found = objections_to_booking(given)
        both_have_looked.wait(timeout=10)
        return found

    people = rivals(university, 2)
    with (
        patch("django.db.models.query.QuerySet.select_for_update", lambda self, **_how: self),
        unguarded(look_and_wait, OperatorClaim, OPERATOR_FREE),
    ):
        at_once(
            [
                lambda who=who, on=on: book(on.slug, by=who, interval=hour(nine))
                for who, on in zip(people, operated, strict=True)
            ]
        )
        assert OperatorClaim.objects.count() == 2


def test_nobody_has_three_drafts_however_fast_they_are(centre, researcher, nine):
    places = [instrument(centre, f"place-{n}") for n in range(6)]

    results = at_once(
        [lambda each=each: book(each.slug, by=researcher, interval=hour(nine), draft=True) for each in places]
    )

    assert 1 <= sum(isinstance(each, Booking) for each in results) <= 2
    assert Booking.objects.drafts_of(researcher).count() == Claim.objects.count() <= 2
