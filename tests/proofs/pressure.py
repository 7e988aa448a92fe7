"""So many requests a second, each at its moment whether or not the ones before were answered, from readers and bookers.

Each has a connection of its own, as a proxy makes them that keeps none: what fails is the portal's, not a connection's
that was closed while nobody asked.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from typing import Any

HOUR = timedelta(hours=1)
THREADS, PATIENCE = 40, 30
BOOKS_EACH = 5  # one request in five books, the others read


@dataclass
class Answer:
    what: str
    at: float
    seconds: float
    problem: str  # nothing is success


@dataclass
class Pressure:
    """Whom to ask, and what came of it."""

    port: int
    token: str
    slugs: list[str]
    first: datetime
    per_second: int = 50
    answers: list[Answer] = field(default_factory=list)
    stop: Event = field(default_factory=Event)

    def failed(self) -> list[Answer]:
        return [each for each in self.answers if each.problem]

    def counts(self) -> str:
        return ", ".join(f"{what}: {number}" for what, number in Counter(each.what for each in self.answers).items())

    def slowest(self) -> float:
        return max((each.seconds for each in self.answers), default=0.0)

    @contextmanager
    def applied(self) -> Iterator[Pressure]:
        ticks, lock, begun = count(), Lock(), time.monotonic()

        def run() -> None:
            while not self.stop.is_set():
                with lock:
                    number = next(ticks)
                time.sleep(max(0.0, begun + number / self.per_second - time.monotonic()))
                self.answers.append(self._ask(number))

        threads = [Thread(target=run) for _n in range(THREADS)]
        for thread in threads:
            thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            for thread in threads:
                thread.join(timeout=PATIENCE + 5)

    def _ask(self, number: int) -> Answer:
        each, slug = number // BOOKS_EACH, self.slugs[number // BOOKS_EACH % len(self.slugs)]
        start = self.first + each // len(self.slugs) * HOUR
        span = f"from={self.first:%Y-%m-%dT%H:%M:%SZ}&to={self.first + 24 * HOUR:%Y-%m-%dT%H:%M:%SZ}"
        wish = {"instrument": slug, "start": start.isoformat(), "end": (start + HOUR).isoformat()}
        acts: list[tuple[str, str, str, Any, int]] = [
            ("booking", "POST", "/api/v1/bookings/", wish, 201),
            ("calendar", "GET", f"/api/v1/calendar/?instrument={slug}&{span}", None, 200),
            ("free time", "GET", f"/api/v1/instruments/{slug}/availability/?{span}", None, 200),
            ("my bookings", "GET", "/api/v1/bookings/?limit=25", None, 200),
            ("page", "GET", f"/instruments/{slug}/", None, 200),
        ]
        what, method, path, body, expected = acts[number % BOOKS_EACH]
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        at, problem = time.time(), ""
        connected = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connected.request(
                method, path, body and json.dumps(body), {**headers, "Idempotency-Key": f"{at:.6f}-{number}"}
            )
            answer = connected.getresponse()
            text = answer.read()
            problem = "" if answer.status == expected else f"{answer.status} {text[:200]!r}"
        except (OSError, HTTPException) as error:
            problem = repr(error)
        finally:
            connected.close()
        return Answer(what, at, time.time() - at, problem)
