"""The real portal under the launcher's own supervision, and somebody who kills its programs in turn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread, Timer
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection

from launcher import postgres, up
from launcher.places import DataFolder
from launcher.postgres import installation_for, installations
from launcher.processes import Service, noted_process
from launcher.servers import Servers, claimed, running
from tests.contention import free_port, url_of_test_database
from tests.proofs.client import Task

VICTIMS = ["web", "one of web's processes", "worker", "beat", "valkey", "postgres", "one of PostgreSQL's processes"]
# What is written survives a killed program without fsync; a commit must have been written, though.
ONLY_KILLED = {"fsync": "off", "full_page_writes": "off"}
# What the person's environment names the launcher would use instead of servers of its own.
NOT_OURS = ["DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DATA_DIR", "SITE_URL", "EMAIL_URL"]


@dataclass
class Portal:
    """Gunicorn, worker, beat, PostgreSQL and Valkey on a folder of their own."""

    servers: Servers
    port: int
    stopping: Event = field(default_factory=Event)
    problems: list[BaseException] = field(default_factory=list)

    def run(self) -> None:
        """What `./portal up` does once everything is set up, supervision included."""
        try:
            up.serve(self.servers, port=self.port, has_demo=False, stopping=self.stopping.is_set)
        except BaseException as problem:
            self.problems.append(problem)

    def task(self, task: Task) -> Task:
        """The same task for this portal."""
        return replace(task, port=self.port)

    def process_of(self, victim: str) -> int | None:
        """Whom to kill; None while it is not there."""
        data = self.servers.data
        parents = {VICTIMS[1]: "web", VICTIMS[6]: "postgres"}
        if victim in parents:
            return child_of(noted_process(data.note(parents[victim])))
        return noted_process(data.note(victim))


def child_of(parent: int | None) -> int | None:
    """The youngest child of a process."""
    said = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in said.splitlines()]
    return max((pid for pid, its_parent in pairs if its_parent == parent), default=None)


@contextmanager
def portal(folder: Path, *, careful: bool, **more: str) -> Iterator[Portal]:
    """The portal, running, with what the test's database holds now; not `careful`, it may forget by a power cut.

    `more` is what else its environment says.
    """
    data, port = DataFolder(folder), free_port()
    data.make()
    ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    with (
        patch.dict(os.environ, {**ours, **more}, clear=True),
        patch.dict(postgres.CARELESS, ONLY_KILLED, clear=True),
        claimed(data),
        running(data, port=port, durable=careful) as servers,
    ):
        copy_test_database(servers)
        found = Portal(servers, port)
        supervisor = Thread(target=found.run)
        supervisor.start()
        try:
            wait_until(lambda: up.answers(port) or bool(found.problems), seconds=30)
            yield found
        finally:
            found.stopping.set()
            supervisor.join(timeout=60)
        if found.problems:
            raise found.problems[0]


def copy_test_database(servers: Servers) -> None:
    """Tables and rows as they are now; migrating anew would take twenty seconds."""
    data = servers.data
    programs = installation_for(data.postgres, installations())
    owner = servers.environment["DATABASE_OWNER_URL"]
    dump = [programs.program("pg_dump"), "--no-owner", "--no-privileges", "--no-comments", "-N", "migrated"]
    reader = subprocess.Popen([*dump, url_of_test_database()], stdout=subprocess.PIPE)
    load = [programs.program("psql"), "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", owner]
    subprocess.run(load, stdin=reader.stdout, stdout=subprocess.DEVNULL, check=True)
    assert reader.wait() == 0


@contextmanager
def second_beat(servers: Servers) -> Iterator[None]:
    """Another schedule beside the portal's own: every task is delivered twice."""
    data = servers.data
    command = [up.tool("celery"), "-A", "config", "beat", "-l", "warning", "--pidfile="]
    command += ["--schedule", str(data.path / "second-beat")]
    beat = Service("second beat", command, servers.environment, log=data.log("beat-2"), note=data.note("beat-2"))
    beat.start()
    try:
        yield
    finally:
        beat.stop()


@contextmanager
def stopped(found: Portal, seconds: float) -> Iterator[list[float]]:
    """The queue stands still for this long: whoever talks to it is not even refused. Yields how long it really did."""
    queue, begun = noted_process(found.servers.data.note("valkey")) or 0, time.monotonic()
    stood: list[float] = []
    if not seconds:
        yield stood
        return

    def go_on() -> None:
        os.kill(queue, signal.SIGCONT)
        stood.append(time.monotonic() - begun)

    os.kill(queue, signal.SIGSTOP)
    again = Timer(seconds, go_on)
    again.start()
    try:
        yield stood
    finally:
        again.cancel()
        os.kill(queue, signal.SIGCONT)


@contextmanager
def looking_into(servers: Servers) -> Iterator[None]:
    """Let the models read the portal's database instead of the test's."""
    found, usual = urlsplit(servers.environment["DATABASE_OWNER_URL"]), dict(connection.settings_dict)
    there = {"HOST": found.hostname, "PORT": found.port, "USER": found.username, "NAME": found.path[1:]}
    connection.close()
    connection.settings_dict.update(there, PASSWORD=unquote(found.password or ""))
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(usual)


@dataclass
class Probe:
    """Asks all the time whether the portal answers a question that needs its database."""

    port: int
    path: str
    pause: float = 0.05
    stop: Event = field(default_factory=Event)
    answered: list[float] = field(default_factory=list)

    def run(self) -> None:
        while not self.stop.is_set():
            connected = HTTPConnection("127.0.0.1", self.port, timeout=3)
            try:
                connected.request("GET", self.path)
                if connected.getresponse().status == 200:
                    self.answered.append(time.time())
            except (OSError, HTTPException):
                pass
            finally:
                connected.close()
            time.sleep(self.pause)

    @contextmanager
    def asking(self) -> Iterator[Probe]:
        thread = Thread(target=self.run)
        thread.start()
        try:
            yield self
        finally:
            self.stop.set()
            thread.join(timeout=10)


@dataclass(frozen=True)
class Kill:
    victim: str
    at: float


def kill_in_turn(
    found: Portal, probe: Probe, victims: list[str], *, pause: float, rounds: int, over: Callable[[], bool]
) -> list[Kill]:
    """Kill each of these programs so many times, and on until it is over; waits each time until the portal is back."""
    kills: list[Kill] = []
    turn = 0
    while not found.problems and (turn < rounds * len(victims) or not over()):
        victim, turn = victims[turn % len(victims)], turn + 1
        wait_until(lambda victim=victim: found.process_of(victim) is not None, seconds=20, what=victim)
        os.kill(found.process_of(victim) or 0, signal.SIGKILL)
        kills.append(kill := Kill(victim, time.time()))
        time.sleep(pause)
        wait_until(lambda at=kill.at + pause: bool(probe.answered) and probe.answered[-1] > at, seconds=30, what=victim)
    return kills


def wait_until(true: Callable[[], bool], *, seconds: float, what: str = "the portal") -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"{what} did not come back within {seconds} s"
        time.sleep(0.02)


def spans_of(kills: list[Kill]) -> Iterator[tuple[Kill, float]]:
    """Each kill with when the next one was."""
    return zip(kills, [*[kill.at for kill in kills[1:]], float("inf")], strict=True)


def outages(kills: list[Kill], moments: list[float]) -> dict[str, float]:
    """For each victim the longest time, from a kill to the next one, in which nothing of this kind happened."""
    found: dict[str, float] = {}
    for kill, end in spans_of(kills):
        later = sorted(moment for moment in moments if moment > kill.at)
        until = [moment for moment in later if moment < end] or later[:1]
        longest = max((after - before for before, after in pairwise([kill.at, *until])), default=float("inf"))
        found[kill.victim] = max(found.get(kill.victim, 0.0), longest)
    return found


def waits(kills: list[Kill], mails: list[tuple[float, float]]) -> dict[str, float]:
    """For each victim the longest that a mail, given as (due, sent), had to wait after a kill and before the next."""
    found: dict[str, float] = {}
    for kill, end in spans_of(kills):
        waited = [sent - max(due, kill.at) for due, sent in mails if due < end and sent > kill.at]
        found[kill.victim] = max([found.get(kill.victim, 0.0), *waited])
    return found


def start_clients(tasks: list[Task]) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.proofs.client"]
    return [subprocess.Popen([*command, json.dumps(asdict(task))], cwd=settings.BASE_DIR) for task in tasks]


def run_bookers(
    tasks: list[Task], *, kills: int, kill_every: float, unguarded: bool = False, crashes: bool = False
) -> dict[str, int]:
    """Clients that call the services, on the test's database; returns how many were killed and how many failed.

    With `crashes` the last of them is killed at each statement of a booking, and at how many `points` is told too.
    """
    order = {"tasks": [asdict(task) for task in tasks], "kills": kills, "kill_every": kill_every}
    order |= {"unguarded": unguarded, "crashes": crashes}
    start = "import django; django.setup(); from tests.proofs import bookers; bookers.main()"
    command = [sys.executable, "-c", start, json.dumps(order)]
    environment = {**os.environ, "DATABASE_URL": url_of_test_database()}
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True)
    answer: dict[str, int] = json.loads(done.stdout)
    return answer
