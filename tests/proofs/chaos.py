"""The real portal under the launcher's own supervision, and somebody who kills its programs in turn."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread
from unittest.mock import patch
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bookings.models import Booking
from launcher import postgres, up
from launcher.places import DataFolder
from launcher.postgres import installation_for, installations
from launcher.processes import noted_process
from launcher.servers import Servers, claimed, running
from notifications.models import Mail
from notifications.states import DeliveryState
from tests.contention import free_port, url_of_test_database
from tests.proofs.client import ENOUGH, Task
from tests.proofs.histories import Kept, Wish, wishes_in

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
def portal(folder: Path, *, careful: bool) -> Iterator[Portal]:
    """The portal, running, with what the test's database holds now; not `careful`, it may forget by a power cut."""
    data, port = DataFolder(folder), free_port()
    data.make()
    ours = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    with (
        patch.dict(os.environ, ours, clear=True),
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
            time.sleep(0.05)

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
    found: Portal, probe: Probe, *, pause: float, rounds: int | None, over: Callable[[], bool]
) -> list[Kill]:
    """Kill each of the programs, `rounds` times or until it is over; waits each time until the portal is back."""
    kills: list[Kill] = []
    turn = 0
    while not found.problems and (turn < rounds * len(VICTIMS) if rounds else not over()):
        victim, turn = VICTIMS[turn % len(VICTIMS)], turn + 1
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


def outages(kills: list[Kill], moments: list[float]) -> dict[str, float]:
    """For each victim the longest time from a kill, or after it, in which nothing of this kind happened."""
    found: dict[str, float] = {}
    ends = [*[kill.at for kill in kills[1:]], float("inf")]
    for kill, end in zip(kills, ends, strict=True):
        since = [kill.at, *[moment for moment in sorted(moments) if kill.at < moment < end]]
        longest = max((later - earlier for earlier, later in pairwise(since)), default=0.0)
        found[kill.victim] = max(found.get(kill.victim, 0.0), longest)
    return found


def start_clients(tasks: list[Task]) -> list[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.proofs.client"]
    return [subprocess.Popen([*command, json.dumps(asdict(task))], cwd=settings.BASE_DIR) for task in tasks]


def run_bookers(tasks: list[Task], *, kills: int, kill_every: float, unguarded: bool = False) -> dict[str, int]:
    """Clients that call the services, on the test's database; returns how many were killed and how many failed."""
    order = {
        "tasks": [asdict(task) for task in tasks],
        "kills": kills,
        "kill_every": kill_every,
        "unguarded": unguarded,
    }
    start = "import django; django.setup(); from tests.proofs import bookers; bookers.main()"
    command = [sys.executable, "-c", start, json.dumps(order)]
    environment = {**os.environ, "DATABASE_URL": url_of_test_database()}
    done = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True)
    answer: dict[str, int] = json.loads(done.stdout)
    return answer


def kept() -> list[Kept]:
    """Every booking with its claims, as the database has them."""
    found = Booking.objects.select_related("instrument").prefetch_related("claims")
    return [
        Kept(
            pk=str(each.pk),
            key=each.title,
            slug=each.instrument.slug,
            start=each.starts_at.timestamp(),
            end=each.ends_at.timestamp(),
            state=each.state,
            created=each.created_at.timestamp(),
            claims=tuple((claim.starts_at.timestamp(), claim.ends_at.timestamp()) for claim in each.claims.all()),
        )
        for each in found.iterator(chunk_size=2000)
    ]


def wait_for_mails(*, seconds: float, lease: bool) -> int:
    """Wait until every mail has left; returns how many a killed worker had taken (without `lease` due now)."""
    taken = Mail.objects.filter(state=DeliveryState.WAITING, attempts__gt=0, due_at__gt=timezone.now())
    number = taken.count() if lease else taken.update(due_at=timezone.now())
    wait_until(lambda: not Mail.objects.exclude(state=DeliveryState.SENT).exists(), seconds=seconds, what="the outbox")
    return number


def ids_of_mails(environment: Mapping[str, str]) -> list[str]:
    """The Message-ID of each mail that has left, as often as it left."""
    files = Path(environment["DATA_DIR"], "mail").glob("*.log")
    lines = [line for file in files for line in file.read_text(errors="replace").splitlines()]
    return [line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("message-id:")]


@dataclass
class Mails:
    """What became of the outbox: bookings that nobody was told of, or twice; and how many a killed worker had taken."""

    lost: list[str]
    doubled: list[str]
    taken: int
    sent_again: int


@dataclass
class Seen:
    """Everything that is known when it is over."""

    kills: list[Kill]
    wishes: list[Wish]
    rows: list[Kept]
    mails: Mails
    events_lost: list[str]
    outages: dict[str, float]
    silences: dict[str, float]

    @property
    def faults(self) -> dict[int, int]:
        """How often there was a 5xx that is not "the database does not answer"."""
        found = Counter(each.status for wish in self.wishes for each in [*wish.tries, *wish.misuses])
        return {status: number for status, number in found.items() if status >= 500 and status != 503}


def life_and_death(
    tasks: list[Task], folder: Path, *, pause: float, rounds: int | None, careful: bool, patience: float = 30
) -> Seen:
    """Let clients book while the portal's programs are killed in turn, wait until all is quiet, and look."""
    with portal(folder / "data", careful=careful) as found:
        probe = Probe(found.port, f"/api/v1/instruments/{tasks[0].slugs[0]}/policy/")
        clients = start_clients([found.task(each) for each in tasks])
        with probe.asking():
            over = lambda: all(client.poll() is not None for client in clients)  # noqa: E731
            kills = kill_in_turn(found, probe, pause=pause, rounds=rounds, over=over)
            (folder / ENOUGH).touch()
            assert [client.wait(timeout=120) for client in clients] == [0] * len(clients)
        events = [each for task in tasks for each in changes_of(found.port, task.token)]
        with looking_into(found.servers):
            taken = wait_for_mails(seconds=patience, lease=careful)
            rows = kept()
            mails = mails_about(rows, ids_of_mails(found.servers.environment), taken=taken)
            moments = [each.timestamp() for each in Mail.objects.values_list("sent_at", flat=True)]
    expected = {(f"booking.{each.state}", each.pk) for each in rows} | {("booking.confirmed", each.pk) for each in rows}
    lost = sorted(f"{kind} {pk}" for kind, pk in expected - set(events))
    wishes = wishes_in(folder)
    return Seen(kills, wishes, rows, mails, lost, outages(kills, probe.answered), outages(kills, moments))


def mails_about(rows: list[Kept], ids: list[str], *, taken: int) -> Mails:
    """Each booking is told of once: one mail row, and one Message-ID that has really left."""
    occasions = Mail.objects.filter(event="booking_confirmed").values_list("occasion", flat=True)
    told = Counter(occasion.split()[0] for occasion in occasions)
    left = set(ids)
    never = [str(pk) for pk in Mail.objects.values_list("pk", flat=True) if f"<{pk}@jishi>" not in left]
    untold = [each.pk for each in rows if each.holds and not told[each.pk]]  # a cancellation takes back what waits
    return Mails(never + untold, [key for key, count in told.items() if count > 1], taken, len(ids) - len(left))


def changes_of(port: int, token: str) -> list[tuple[str, str]]:
    """What a program hears that pulls: (type, id) of everything that happened."""
    found: list[tuple[str, str]] = []
    after = ""
    while True:
        connected = HTTPConnection("127.0.0.1", port, timeout=30)
        connected.request(
            "GET", f"/api/v1/changes/?limit=100&after={after}", headers={"Authorization": f"Bearer {token}"}
        )
        page = json.loads(connected.getresponse().read())
        connected.close()
        if not page["results"]:
            return found
        found += [(each["type"], each["data"]["id"]) for each in page["results"]]
        after = page["next"]
