"""Trust 5 to 8: races for one slot, several claims all or nothing, and ten thousand steps against the model."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from bookings.models import Booking, Change, Claim, OperatorClaim
from bookings.services import accept_change, book, confirm, move, refuse_change, set_hours, set_operator, set_policy
from bookings.states import State
from common.errors import Refused
from common.interval import Interval
from tests.bookings.machine import steps
from tests.bookings.test_booking_machine import AS_IT_IS, run
from tests.bookings.test_races import at_once, overlaps, rivals
from tests.factories import AROUND_THE_CLOCK

HOUR = timedelta(hours=1)
ROUNDS, RACERS, ABORTS, LIVES = 1000, 6, 2000, 260


def hour(start, hours=1):
    return Interval(start, start + hours * HOUR)


@pytest.mark.django_db(transaction=True)
def test_booking_races_for_one_slot(university, sem, nine, show):
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, horizon_days=100)
    people, winners, codes, slowest = rivals(university, RACERS), [], set(), 0.0
    for n in range(ROUNDS):
        begun = time.monotonic()
        slot = hour(nine + n * HOUR)
        results = at_once([lambda who=who, slot=slot: book(sem.slug, by=who, interval=slot) for who in people])
        slowest = max(slowest, time.monotonic() - begun)
        winners.append(sum(isinstance(each, Booking) for each in results))
        lost = [each for each in results if not isinstance(each, Booking)]
        codes |= {each.refusals[0].code if isinstance(each, Refused) else repr(each) for each in lost}

    show(
        f"{RACERS} racers for one free slot, {ROUNDS} rounds (services, threads)",
        [
            ("rounds with exactly one winner", ROUNDS, winners.count(1)),
            ("what the others were told", "slot_taken", ", ".join(sorted(codes))),
            ("overlapping claims", 0, overlaps()),
            ("slowest round", "reported", f"{slowest * 1000:.0f} ms"),
        ],
    )
    assert winners == [1] * ROUNDS
    assert codes == {"slot_taken"}
    assert overlaps() == 0


class PlugPulledError(Exception):
    """Somebody pulled the plug."""


@pytest.mark.django_db(transaction=True)
def test_booking_with_several_claims_is_all_or_nothing(sem, nine, centre, researcher, labmate, manager, show):
    """A change of an assisted booking: old and new time and the operator's, aborted at a random statement."""
    random = Random(7)
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, operator="always", horizon_days=100)
    set_operator(centre, labmate, by=manager, instruments=[sem], hours=AROUND_THE_CLOCK)
    standing = confirm(book(sem.slug, by=researcher, interval=hour(nine, 2)), by=manager)
    halves, done, others = 0, 0, set()
    for n in range(ABORTS):
        standing.refresh_from_db()
        before = _state(standing)
        left = random.randint(1, 30)

        def killer(execute, sql, params, many, context, left=left):
            killer.count = getattr(killer, "count", 0) + 1
            if killer.count > left:
                raise PlugPulledError
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(killer), transaction.atomic():
                _one_of(random, standing, nine, researcher, manager)
            done += 1
        except PlugPulledError:
            halves += _state(standing) != before
        except Refused as error:
            others.add(error.refusals[0].code)
        halves += not _is_whole(standing)
        if n % 50 == 0:
            assert overlaps() == 0

    show(
        f"{ABORTS} changes of a booking with several claims, aborted at a random statement",
        [
            ("left half done", 0, halves),
            ("came to their end", "reported", done),
            ("refused by rule", "reported", ", ".join(sorted(others)) or "none"),
            ("overlapping claims", 0, overlaps()),
        ],
    )
    assert halves == 0
    assert done > ABORTS // 20
    assert overlaps() == 0


def _one_of(random, standing, nine, researcher, manager):
    """What can be done next: ask for another time, or answer."""
    if Change.objects.filter(booking=standing).waiting().exists():
        if random.random() < 0.5:
            accept_change(standing, by=manager)
        else:
            refuse_change(standing, by=manager, reason="x")
    else:
        move(standing, by=researcher, interval=hour(nine + random.randint(0, 40) * HOUR, random.randint(2, 4)))


def _state(booking):
    claims = list(
        Claim.objects.filter(booking=booking).order_by("starts_at").values_list("starts_at", "ends_at", "change")
    )
    operator = list(OperatorClaim.objects.filter(booking=booking).values_list("starts_at", "ends_at"))
    changes = list(Change.objects.filter(booking=booking).order_by("pk").values_list("pk", "state"))
    row = Booking.objects.filter(pk=booking.pk).values_list("state", "starts_at", "ends_at", "version").get()
    return claims, operator, changes, row


def _is_whole(booking):
    """The claims are those of the booking and of its waiting change, and the operator's is the booking's."""
    booking = Booking.objects.get(pk=booking.pk)
    own = list(Claim.objects.filter(booking=booking, change=None).intervals())
    changed = Claim.objects.filter(booking=booking).exclude(change=None)
    waits = Change.objects.filter(booking=booking).waiting().first()
    operator = [each.interval for each in OperatorClaim.objects.filter(booking=booking)]
    fits = own == [booking.interval] and operator == [booking.interval] and booking.state == State.CONFIRMED
    return fits and (waits is not None or not changed.exists())


@pytest.mark.django_db
def test_booking_agrees_with_the_model(sem, nine, researcher, labmate, manager, show):
    done = []

    @settings(max_examples=LIVES, deadline=None, suppress_health_check=AS_IT_IS, database=None, phases=[Phase.generate])
    @given(todo=some.lists(steps, min_size=25, max_size=60))
    def lives(todo):
        done.append(run(sem, [researcher, labmate], manager, nine - HOUR, todo))

    lives()
    show(
        "Book, draft, submit, cancel, confirm, decline, undo, move, accept, refuse against a model in Python",
        [("steps", "≥ 10,000", sum(done)), ("lives", LIVES, len(done)), ("divergences", 0, 0)],
    )
    assert sum(done) >= 10_000
