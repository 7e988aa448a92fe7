"""Many clients at the same slots, against the portal as it is really served: gunicorn, over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, Thread
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from tests.database import number

HOUR = timedelta(hours=1)
CONFIG = Path(settings.BASE_DIR) / "config" / "gunicorn.py"


@dataclass
class Outcome:
    """What the clients saw: answers by slot, and the slowest answer in seconds."""

    slots: list[Counter[int]] = field(default_factory=list)
    slowest: float = 0.0

    def winners(self) -> list[int]:
        return [slot[201] for slot in self.slots]

    def others(self) -> set[int]:
        return {status for slot in self.slots for status in slot} - {201}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def url_of_test_database() -> str:
    """The URL of the database in which the tests run."""
    now = connection.settings_dict
    user, password = quote(now["USER"]), quote(now["PASSWORD"])
    return f"postgres://{user}:{password}@{now['HOST']}:{now['PORT']}/{now['NAME']}"


def environment_of_tests(**more: str) -> dict[str, str]:
    """What a program of the portal needs to work on the tests' database."""
    return {**os.environ, "DATABASE_URL": url_of_test_database(), **more}


@contextmanager
def served(
    application: str = "config.wsgi",
    *,
    python: str = sys.executable,
    folder: Path = settings.BASE_DIR,
    ready: str = "/health/ready",
    **more: str,
) -> Iterator[int]:
    """The portal (or another application beside it) under gunicorn on the tests' database; yields its port."""
    port = free_port()
    environment = environment_of_tests(**{"SITE_URL": f"http://127.0.0.1:{port}", **more})
    # A browser that is still open keeps its connections: nobody waits for it long.
    options = ["--bind", f"127.0.0.1:{port}", "--graceful-timeout", "5", "--log-level", "warning"]
    command = [python, "-m", "gunicorn", "--config", str(CONFIG), application, *options]
    process = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        _wait_for(port, ready, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 40
    while time.monotonic() < until and process.poll() is None:
        try:
            connected = HTTPConnection("127.0.0.1", port, timeout=5)
            connected.request("GET", path)
            if connected.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{path} was not answered")


def contend(port: int, *, tokens: list[str], instrument: str, first: datetime, slots: int) -> Outcome:
    """One client for each token; all ask for the same hour at the same moment, slot after slot."""
    outcome = Outcome([Counter() for _ in range(slots)])
    starts = [first + n * HOUR for n in range(slots)]
    barrier = Barrier(len(tokens))
    threads = [Thread(target=_client, args=(port, token, instrument, starts, barrier, outcome)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    return outcome


def _client(port: int, token: str, instrument: str, starts: list[datetime], barrier: Barrier, outcome: Outcome) -> None:
    connected = HTTPConnection("127.0.0.1", port, timeout=60)
    for place, start in enumerate(starts):
        body = {"instrument": instrument, "start": start.isoformat(), "end": (start + HOUR).isoformat()}
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": f"{place}-{start.timestamp():.0f}",
        }
        barrier.wait(timeout=120)
        began = time.perf_counter()
        connected.request("POST", "/api/v1/bookings/", json.dumps(body), headers)
        answer = connected.getresponse()
        answer.read()
        outcome.slowest = max(outcome.slowest, time.perf_counter() - began)
        outcome.slots[place][answer.status] += 1


@dataclass
class Deadlocks:
    number: int = 0


@contextmanager
def deadlocks_counted() -> Iterator[Deadlocks]:
    """How many transactions PostgreSQL ended because of a deadlock while the block ran.

    A connection that has nothing to do tells its figures as much as ten seconds later; one that ends tells them at
    once. So whoever works in the block must be gone with it: the portal is served inside of it, and not around it.
    """
    found, before = Deadlocks(), _deadlocks()
    yield found
    until = time.monotonic() + 20
    while _others():
        assert time.monotonic() < until, "somebody is still connected"
        time.sleep(0.05)
    found.number = _deadlocks() - before


def _deadlocks() -> int:
    number("SELECT count(pg_stat_clear_snapshot())")
    return number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def _others() -> int:
    """How many other connections the database has."""
    return number(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
