"""G1: 32 clients on one slot, 50 slots."""

import pytest

from bookings.services import set_hours, set_policy
from tests.bookings.test_races import overlaps
from tests.contention import contend, served
from tests.factories import AROUND_THE_CLOCK, member, token_for

CLIENTS, SLOTS = 32, 50


@pytest.mark.django_db(transaction=True)
def test_contention_of_32_clients_on_50_slots(university, sem, nine, show):
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, horizon_days=30)
    tokens = [token_for(member(f"rival{n}", university)) for n in range(CLIENTS)]

    with served() as port:
        outcome = contend(port, tokens=tokens, instrument=sem.slug, first=nine, slots=SLOTS)

    show(
        f"{CLIENTS} clients, {SLOTS} slots, one at a time",
        [
            ("slots with exactly one 201", SLOTS, outcome.winners().count(1)),
            ("answers besides 201", "409 only", ", ".join(map(str, sorted(outcome.others())))),
            ("deadlocks in pg_stat_database", 0, outcome.deadlocks),
            ("overlapping claims", 0, overlaps()),
            ("slowest answer", "≤ 1 s", f"{outcome.slowest * 1000:.0f} ms"),
        ],
    )
    assert outcome.winners() == [1] * SLOTS
    assert outcome.others() == {409}
    assert outcome.deadlocks == 0
    assert overlaps() == 0
