"""The portal while its programs are killed, at a small count; `./portal prove chaos` runs the full one."""

from __future__ import annotations

import pytest
from django.db import connection

from bookings.models import NO_OVERLAP, Claim
from tests.proofs.chaos import VICTIMS, kept, life_and_death, run_bookers
from tests.proofs.histories import judge, wishes_in
from tests.proofs.world import tasks_for

pytestmark = pytest.mark.django_db(transaction=True)


def wrong(wishes, rows):
    return {kind: found for kind, found in judge(wishes, rows).items() if found}


def test_7_kills_of_programs_while_3_clients_book_lose_nothing(tmp_path):
    tasks = tasks_for(3, folder=tmp_path, attempts=30, slots=30, instruments=2, waits=True)

    seen = life_and_death(tasks, tmp_path, pause=0.7, rounds=1, careful=False)

    assert [kill.victim for kill in seen.kills] == VICTIMS
    assert wrong(seen.wishes, seen.rows) == {}
    assert seen.faults == {}
    assert seen.mails.lost == seen.mails.doubled == []
    assert seen.events_lost == []


def test_3_of_4_bookers_killed_within_200_attempts_lose_nothing(tmp_path):
    tasks = tasks_for(4, folder=tmp_path, attempts=200, slots=10, instruments=2)

    done = run_bookers(tasks, kills=3, kill_every=0.4)

    assert done == {"killed": 3, "failed": 0}
    wishes = wishes_in(tmp_path)
    assert len(wishes) >= 200
    assert wrong(wishes, kept()) == {}


def test_with_lock_and_constraint_off_the_double_booking_is_found(tmp_path):
    """The negative control: were nothing found, the tests above would be blind."""
    tasks = tasks_for(4, folder=tmp_path, attempts=80, slots=3, instruments=1)
    constraint = next(each for each in Claim._meta.constraints if each.name == NO_OVERLAP)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Claim, constraint)
    try:
        run_bookers(tasks, kills=0, kill_every=60, unguarded=True)

        assert "overlapping claims" in wrong(wishes_in(tmp_path), kept())
    finally:
        Claim.objects.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(Claim, constraint)
