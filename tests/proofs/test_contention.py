"""G1: 32 clients on one slot, 50 slots, ten times."""

from datetime import timedelta
from statistics import median

import pytest

from bookings.services import set_hours, set_policy
from tests.bookings.test_races import overlaps
from tests.contention import contend, deadlocks_counted, served
from tests.factories import AROUND_THE_CLOCK, member, token_for

CLIENTS, SLOTS, RUNS = 32, 50, 10
DAYS_APART = timedelta(days=3)


@pytest.mark.django_db(transaction=True)
def test_contention_of_32_clients_on_50_slots_10_times(university, sem, nine, show):
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, horizon_days=60)
    tokens = [token_for(member(f"rival{n}", university)) for n in range(CLIENTS)]

    with deadlocks_counted() as deadlocks, served() as port:
        runs = [
            contend(port, tokens=tokens, instrument=sem.slug, first=nine + n * DAYS_APART, slots=SLOTS)
            for n in range(RUNS)
        ]

    winners = [count for run in runs for count in run.winners()]
    others = {status for run in runs for status in run.others()}
    slowest = sorted(run.slowest * 1000 for run in runs)
    show(
        f"G1: {CLIENTS} clients, {SLOTS} slots one after the other, {RUNS} times",
        [
            ("slots with exactly one 201", SLOTS * RUNS, winners.count(1)),
            ("answers besides 201", "409 only", ", ".join(map(str, sorted(others)))),
            ("deadlocks in pg_stat_database", 0, deadlocks.number),
            ("overlapping claims", 0, overlaps()),
            ("slowest answer of all", "≤ 1 s", f"{slowest[-1]:.0f} ms"),
            ("slowest answer of a run, in the middle", "reported", f"{median(slowest):.0f} ms"),
        ],
    )
    assert winners == [1] * SLOTS * RUNS
    assert others == {409}
    assert deadlocks.number == 0
    assert overlaps() == 0
