"""Trust 10: fifty who send one key at the same moment have one booking, and it serves for nothing else.

The negative control is `test_with_lock_and_constraint_off_there_are_5_effects` in `tests/records/test_once_at_once.py`.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from http.client import HTTPConnection
from threading import Barrier, Thread

import pytest

from bookings.models import Booking
from bookings.services import set_hours, set_policy
from tests.contention import served
from tests.factories import AROUND_THE_CLOCK, token_for

HOUR = timedelta(hours=1)
AT_ONCE, ROUNDS = 50, 20
BOOKED, IN_FLIGHT, REUSED = "201", "409 in_flight", "422 idempotency_key_reused"


def ask(port, token, *, key, start, slug):
    """What came: the status with its code, and the booking."""
    connected = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    body = {"instrument": slug, "start": start.isoformat(), "end": (start + HOUR).isoformat()}
    connected.request("POST", "/api/v1/bookings/", json.dumps(body), headers)
    answer = connected.getresponse()
    found = json.loads(answer.read())
    connected.close()
    return f"{answer.status} {found.get('code', '')}".strip(), found.get("id", "")


def fifty_at_once(port, token, **wish):
    barrier, got = Barrier(AT_ONCE), []

    def work():
        barrier.wait(timeout=30)
        got.append(ask(port, token, **wish))

    threads = [Thread(target=work) for _n in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=90)
    return got


@pytest.mark.django_db(transaction=True)
def test_one_key_sent_by_50_at_once_is_one_booking(sem, nine, researcher, show):
    set_hours(sem, AROUND_THE_CLOCK)
    set_policy(sem, horizon_days=60)
    token, heard, one, afterwards = token_for(researcher), Counter(), 0, Counter()

    with served() as port:
        for n in range(ROUNDS):
            wish = {"key": f"key-{n}", "slug": sem.slug, "start": nine + n * HOUR}
            got = fifty_at_once(port, token, **wish)
            heard.update(words for words, _booking in got)
            kept = {str(pk) for pk in Booking.objects.filter(starts_at=wish["start"]).values_list("pk", flat=True)}
            one += len(kept) == 1 and {booking for words, booking in got if words == BOOKED} == kept
            later, booking = ask(port, token, **wish)
            afterwards["the same 201"] += later == BOOKED and {booking} == kept
            afterwards[ask(port, token, **{**wish, "start": nine + 500 * HOUR})[0]] += 1

    show(
        f"One key, sent by {AT_ONCE} at the same moment over HTTP, {ROUNDS} rounds",
        [
            ("requests answered", AT_ONCE * ROUNDS, sum(heard.values())),
            ("rounds with exactly one booking, the same in each 201", ROUNDS, one),
            ("answers", f"{BOOKED}, {IN_FLIGHT}", ", ".join(f"{words}: {n}" for words, n in sorted(heard.items()))),
            ("asked again afterwards: the same 201", ROUNDS, afterwards["the same 201"]),
            ("the key for another hour", f"{REUSED}: {ROUNDS}", f"{REUSED}: {afterwards[REUSED]}"),
            ("bookings in the end", ROUNDS, Booking.objects.count()),
        ],
    )
    assert sum(heard.values()) == AT_ONCE * ROUNDS
    assert one == ROUNDS == Booking.objects.count()
    assert set(heard) <= {BOOKED, IN_FLIGHT}
    assert heard[IN_FLIGHT] > 0  # they did meet
    assert afterwards == {"the same 201": ROUNDS, REUSED: ROUNDS}
