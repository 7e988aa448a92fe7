"""Trust 5 to 8: races for one slot, several claims all or nothing, and ten thousand steps against the model."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

import pytest
from django.db import OperationalError, connection, transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as some

from bookings.models import Booking, Change, Claim, OperatorClaim
from bookings.rules import objections_to_booking
from bookings.services import accept_change, book, confirm, move, refuse_change, set_hours, set_operator, set_policy
from bookings.states import State
from common.db import sqlstate
from common.errors import Refused
from common.interval import Interval, without
from tests.bookings.machine import steps
from tests.bookings.test_booking_machine import AS_IT_IS, run
from tests.bookings.test_races import at_once, overlaps, rivals, unguarded
from tests.contention import deadlocks_counted
from tests.factories import AROUND_THE_CLOCK

HOUR = timedelta(hours=1)
ROUNDS, RACERS, ABORTS, LIVES, TRIES = 1000, 6, 10_000, 260, 20


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


@pytest.mark.django_db(transaction=True)
def test_booking_without_its_guards_is_seen_to_overlap(university, sem, nine, show):
    """The negative control of all that says "overlapping claims: 0": no lock, no constraint, a while before writing."""
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, horizon_days=100)
    people, found = rivals(university, 2), []

    def look_and_wait(given):
        objections = objections_to_booking(given)
        time.sleep(0.05)
        return objections

    with unguarded(look_and_wait):
        for n in range(TRIES):
            slot, before = hour(nine + n * HOUR), overlaps()
            at_once([lambda who=who, slot=slot: book(sem.slug, by=who, interval=slot) for who in people])
            found.append(overlaps() - before)

    show(
        f"Constraint and lock off, 50 ms between looking and writing, 2 rivals, {TRIES} tries",
        [("tries in which claims overlapped, and it was seen", "≥ 1", f"{sum(map(bool, found))} of {TRIES}")],
    )
    assert any(found)


class PlugPulledError(Exception):
    """Somebody pulled the plug."""


@dataclass
class Came:
    """What came of the changes of one booking."""

    aborted: int = 0
    halves: int = 0
    done: int = 0
    deadlocks: int = 0
    refused: set[str] = field(default_factory=set)


@pytest.mark.django_db(transaction=True)
def test_booking_with_several_claims_is_all_or_nothing(sem, nine, centre, researcher, labmate, manager, show):
    """Changes of two assisted bookings at the same moment, of one instrument and one operator, each aborted at random.

    A change holds the old time and the new one, and the operator's.
    """
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, operator="always", horizon_days=100)
    set_operator(centre, labmate, by=manager, instruments=[sem], hours=AROUND_THE_CLOCK)
    standing = [confirm(book(sem.slug, by=researcher, interval=hour(nine + n * HOUR, 2)), by=manager) for n in (0, 50)]

    with deadlocks_counted() as ended:
        came = at_once([lambda each=each: _torn(each, nine, researcher, manager) for each in standing], patience=3600)

    assert all(isinstance(each, Came) for each in came), came
    aborted, halves, done, unhandled = (
        sum(getattr(each, name) for each in came) for name in ("aborted", "halves", "done", "deadlocks")
    )
    show(
        "Changes of bookings with several claims, aborted at a random statement",
        [
            ("aborted", f"≥ {ABORTS:,}", f"{aborted:,}"),
            ("left half done", 0, halves),
            ("came to their end", "reported", f"{done:,}"),
            ("refused by rule", "reported", ", ".join(sorted(set().union(*(each.refused for each in came)))) or "none"),
            ("unhandled deadlocks", 0, unhandled),
            ("deadlocks in pg_stat_database", "reported", ended.number),
            ("overlapping claims", 0, overlaps()),
        ],
    )
    assert aborted >= ABORTS
    assert halves == unhandled == 0
    assert done > ABORTS // 20
    assert overlaps() == 0


def _torn(standing, nine, researcher, manager):
    """Change a booking, until half of all aborts are reached."""
    random, came = Random(str(standing.starts_at)), Came()
    while came.aborted < ABORTS // 2:
        standing.refresh_from_db()
        before, left = _state(standing), count(-random.randint(1, 30))

        def killer(execute, *words, left=left):
            if next(left) >= 0:
                raise PlugPulledError
            return execute(*words)

        try:
            with connection.execute_wrapper(killer), transaction.atomic():
                _one_of(random, standing, nine, researcher, manager)
            came.done += 1
        except PlugPulledError:
            came.aborted += 1
            came.halves += _state(standing) != before
        except Refused as error:
            came.refused.add(error.refusals[0].code)
        except OperationalError as error:
            if sqlstate(error) != "40P01":
                raise
            came.deadlocks += 1
        came.halves += not _is_whole(standing)
    return came


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
    """The claims on instrument and operator are those of the booking, and what its waiting change wants beside them."""
    booking = Booking.objects.get(pk=booking.pk)
    waits = Change.objects.filter(booking=booking).waiting().first()
    beside = without(Interval(waits.starts_at, waits.ends_at), [booking.interval]) if waits else []
    fits = booking.state == State.CONFIRMED
    for claims in (Claim.objects, OperatorClaim.objects):
        found = [(each.change_id, Interval(each.starts_at, each.ends_at)) for each in claims.filter(booking=booking)]
        own = [interval for change, interval in found if change is None]
        others = sorted((interval for change, interval in found if change), key=lambda each: each.start)
        fits = fits and own == [booking.interval] and others == beside
    return fits


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
