"""What is left when the killing is over: bookings, mails and events as the portal's database and files have them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

from django.utils import timezone

from bookings.models import Booking
from notifications.models import Mail
from notifications.states import DeliveryState
from tests.proofs.chaos import (
    VICTIMS,
    Kill,
    Probe,
    kill_in_turn,
    looking_into,
    outages,
    portal,
    second_beat,
    start_clients,
    stopped,
    wait_until,
    waits,
)
from tests.proofs.client import ENOUGH, Task
from tests.proofs.histories import Kept, Wish, wishes_in


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
    waits: dict[str, float]

    @property
    def faults(self) -> dict[int, int]:
        """How often there was a 5xx that is not "the database does not answer"."""
        found = Counter(each.status for wish in self.wishes for each in [*wish.tries, *wish.misuses])
        return {status: number for status, number in found.items() if status >= 500 and status != 503}


def life_and_death(
    tasks: list[Task],
    folder: Path,
    *,
    pause: float,
    rounds: int,
    careful: bool,
    victims: list[str] = VICTIMS,
    queue_stops: float = 0,
    patience: float = 30,
) -> Seen:
    """Let clients book while the portal's programs are killed in turn, wait until all is quiet, and look.

    A second beat runs all the time, and the queue may stand still for a while.
    """
    with portal(folder / "data", careful=careful) as found, second_beat(found.servers), stopped(found, queue_stops):
        probe = Probe(found.port, f"/api/v1/instruments/{tasks[0].slugs[0]}/policy/")
        clients = start_clients([found.task(each) for each in tasks])
        with probe.asking():
            # Clients that wait for the end of the killing do not put it off.
            over = lambda: tasks[0].waits or all(client.poll() is not None for client in clients)  # noqa: E731
            kills = kill_in_turn(found, probe, victims, pause=pause, rounds=rounds, over=over)
            (folder / ENOUGH).touch()
            assert [client.wait(timeout=900) for client in clients] == [0] * len(clients)
        events = [each for task in tasks for each in changes_of(found.port, task.token)]
        with looking_into(found.servers):
            taken = wait_for_mails(seconds=patience, lease=careful)
            rows = kept()
            mails = mails_about(rows, ids_of_mails(found.servers.environment), taken=taken)
            # They are due when they are written; what a killed worker had taken is counted apart.
            sent = Mail.objects.filter(attempts=1, event="booking_confirmed").values_list("created_at", "sent_at")
            waited = waits(kills, [(due.timestamp(), at.timestamp()) for due, at in sent])
    expected = {(f"booking.{each.state}", each.pk) for each in rows} | {("booking.confirmed", each.pk) for each in rows}
    lost = sorted(f"{kind} {pk}" for kind, pk in expected - set(events))
    wishes = wishes_in(folder)
    return Seen(kills, wishes, rows, mails, lost, outages(kills, probe.answered), waited)


def mails_about(rows: list[Kept], ids: list[str], *, taken: int) -> Mails:
    """Each booking is told of once: one mail row, and one Message-ID that has really left."""
    left = set(ids)
    never = [str(pk) for pk in Mail.objects.values_list("pk", flat=True) if f"<{pk}@jishi>" not in left]
    told = Counter(_told_of())
    return Mails(never + untold(rows), [key for key, count in told.items() if count > 1], taken, len(ids) - len(left))


def untold(rows: list[Kept]) -> list[str]:
    """Bookings whose people were not told. A cancellation takes back what has not left yet."""
    told = set(_told_of())
    return [each.pk for each in rows if each.holds and each.pk not in told]


def _told_of() -> list[str]:
    occasions = Mail.objects.filter(event="booking_confirmed").values_list("occasion", flat=True)
    return [occasion.split()[0] for occasion in occasions]


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
