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
    """What came: the status with its code, the words of the answer, and whether they were said before."""
    connected = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": key}
    body = {"instrument": slug, "start": start.isoformat(), "end": (start + HOUR).isoformat()}
    connected.request("POST", "/api/v1/bookings/", json.dumps(body), headers)
    answer = connected.getresponse()
    found = json.loads(answer.read())
    connected.close()
    # Kept as jsonb it comes back in another order.
    text = json.dumps(found, sort_keys=True)
    return f"{answer.status} {found.get('code', '')}".strip(), text, answer.getheader("Idempotent-Replayed") == "true"


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
    token, heard, one, same, afterwards = token_for(researcher), Counter(), 0, 0, Counter()

    with served() as port:
        for n in range(ROUNDS):
            wish = {"key": f"key-{n}", "slug": sem.slug, "start": nine + n * HOUR}
            got = fifty_at_once(port, token, **wish)
            heard.update(words for words, _text, _again in got)
            told = [(text, again) for words, text, again in got if words == BOOKED]
            booking = Booking.objects.get(starts_at=wish["start"])
            one += {json.loads(text)["id"] for text, _again in told} == {str(booking.pk)}
            same += len({text for text, _again in told}) == 1 == [again for _text, again in told].count(False)
            afterwards["the same 201"] += ask(port, token, **wish) == (BOOKED, told[0][0], True)
            afterwards[ask(port, token, **{**wish, "start": nine + 500 * HOUR})[0]] += 1

    show(
        f"One key, sent by {AT_ONCE} at the same moment over HTTP, {ROUNDS} rounds",
        [
            ("requests answered", AT_ONCE * ROUNDS, sum(heard.values())),
            ("rounds with exactly one booking", ROUNDS, one),
            ("rounds in which each 201 says the same, and all but one that it was said before", ROUNDS, same),
            ("answers", f"{BOOKED}, {IN_FLIGHT}", ", ".join(f"{words}: {n}" for words, n in sorted(heard.items()))),
            ("asked again afterwards: the same 201", ROUNDS, afterwards["the same 201"]),
            ("the key for another hour", f"{REUSED}: {ROUNDS}", f"{REUSED}: {afterwards[REUSED]}"),
            ("bookings in the end", ROUNDS, Booking.objects.count()),
        ],
    )
    assert sum(heard.values()) == AT_ONCE * ROUNDS
    assert one == same == ROUNDS == Booking.objects.count()
    assert set(heard) <= {BOOKED, IN_FLIGHT}
    assert heard[IN_FLIGHT] > 0  # they did meet
    assert afterwards == {"the same 201": ROUNDS, REUSED: ROUNDS}
