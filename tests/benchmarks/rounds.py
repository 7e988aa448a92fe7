"""Asking several programs the same in turn, so that a noisy machine is as noisy for each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client

from tests import factories
from tests.factories import fresh_key

HOUR = timedelta(hours=1)
BOOKINGS, SECRET = "/api/v1/bookings/", "a" * 32
WARM = 6  # both processes of gunicorn shall have seen the question
ROUNDS, EACH = 15, 6


class Asking:
    """A client that keeps its connection; headers are its own."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port, self.headers = port, headers
        self.connected = HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, *, expect: int = 200, **headers: str) -> bytes:
        """The body of the answer, which must have the expected status."""
        sent = body if body is None or isinstance(body, str) else json.dumps(body)
        kind = "application/x-www-form-urlencoded" if isinstance(body, str) else "application/json"
        self.connected.request(method, path, sent, {"Content-Type": kind, **self.headers, **headers})
        answer = self.connected.getresponse()
        text = answer.read()
        assert answer.status == expect, f"{method} {path}: {answer.status} {text[:600]!r}"
        return text


@dataclass
class Rounds:
    """Seconds for one request, by who was asked and in which round."""

    taken: Mapping[str, list[float]] = field(default_factory=dict)

    def milliseconds(self, who: str) -> str:
        return f"{median(self.taken[who]) * 1000:.1f} ms"

    def times(self, who: str, other: str) -> float:
        """How many times longer `who` took than `other` in the same round, in the middle."""
        return median(mine / theirs for mine, theirs in zip(self.taken[who], self.taken[other], strict=True))


def in_turn(acts: Mapping[str, Callable[[], Any]], *, rounds: int = ROUNDS, each: int = EACH) -> Rounds:
    """Each act `each` times, and so on round by round, by a PostgreSQL that knows its tables."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as autovacuum does within minutes
    taken: dict[str, list[float]] = {who: [] for who in acts}
    for act in acts.values():
        for _n in range(WARM):
            act()
    for _round in range(rounds):
        for who, act in acts.items():
            begun = time.perf_counter()
            for _n in range(each):
                act()
            taken[who].append((time.perf_counter() - begun) / each)
    return Rounds(taken)


def session_of(user: Any) -> dict[str, str]:
    """A browser's headers: a session, and the form's secret in cookie and header."""
    client = factories.signed_in(Client(), user)
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={SECRET}", "X-CSRFToken": SECRET}


def signed_in(port: int, user: Any) -> Asking:
    return Asking(port, **session_of(user))


def booker(asking, path, first, *, slug, expect=201, **more):
    """Something that asks for the next hour each time it is called."""
    hours = count()

    def book():
        start = first + next(hours) * HOUR
        wish = {"instrument": slug, "start": start.isoformat(), "end": (start + HOUR).isoformat()}
        asking.ask("POST", path, wish, expect=expect, **{"Idempotency-Key": fresh_key(), **more})

    return book
