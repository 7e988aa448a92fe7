"""Whatever people do in whatever order, the time that is held is what a simple model says.

Ten thousand steps and more are run by `./portal prove booking`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bookings.services import set_hours, set_policy
from common.interval import Interval
from tests.bookings import machine
from tests.bookings.machine import Machine, steps
from tests.factories import AROUND_THE_CLOCK, booked

AS_IT_IS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def run(instrument, people, manager, opens, todo):
    """Do the steps on an instrument of its own; whatever they change is undone. Returns how many were done."""
    with transaction.atomic():
        set_hours(instrument, AROUND_THE_CLOCK)
        set_policy(instrument, longest_minutes=600)
        done = Machine(instrument, people=people, manager=manager, opens=opens)
        for each in todo:
            done.step(*each)
        transaction.set_rollback(True)
    return done.steps


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=AS_IT_IS)
@given(todo=some.lists(steps, min_size=10, max_size=30))
def test_12_lives_of_30_steps_agree_with_the_model(sem, nine, researcher, labmate, manager, todo):
    assert run(sem, [researcher, labmate], manager, nine - timedelta(hours=1), todo) == len(todo)


@pytest.mark.django_db
def test_the_model_sees_a_claim_that_is_not_its_own(sem, nine, researcher, labmate, manager, monkeypatch):
    """The negative control."""
    todo = [("book", 0, 4, 2, 0), ("confirm", 0, 0, 1, 0), ("move", 0, 8, 2, 0)]
    monkeypatch.setattr(
        "bookings.services.other_time.without", lambda _whole, _own: []
    )  # a move that holds nothing new

    with pytest.raises(AssertionError):
        run(sem, [researcher, labmate], manager, nine - timedelta(hours=1), todo)


@pytest.mark.django_db
def test_an_end_and_a_start_at_the_same_moment_stand_side_by_side(sem, nine, researcher, labmate, manager):
    booked(sem, at=nine, by=researcher)
    booked(sem, at=nine + timedelta(hours=1), by=labmate)

    assert machine.Claim.objects.filter(instrument=sem).intervals() == [
        Interval(nine + n * timedelta(hours=1), nine + (n + 1) * timedelta(hours=1)) for n in range(2)
    ]
