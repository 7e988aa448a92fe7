"""What is left when the killing is over: bookings, mails and events as the portal's database and files have them."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic

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
from tests.proofs.histories import Heard, Kept, Wish, judge_heard, wishes_in
from tests.proofs.mail_server import mail_server


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


def wait_for_mails(*, seconds: float, patient: bool) -> int:
    """Wait until every mail has left; returns how many a killed worker had taken.

    Those, and what a mail server did not take, are tried again when their time has come; not `patient`, now.
    """
    tried = Mail.objects.filter(state=DeliveryState.WAITING, attempts__gt=0, due_at__gt=timezone.now())
    number = tried.filter(last_error="").count()
    if not patient:
        tried.update(due_at=timezone.now())
    wait_until(lambda: not Mail.objects.exclude(state=DeliveryState.SENT).exists(), seconds=seconds, what="the outbox")
    return number


@dataclass
class Seen:
    """Everything that is known when it is over."""

    kills: list[Kill]
    wishes: list[Wish]
    rows: list[Kept]
    heard: Heard
    taken: int  # mails that a killed worker had
    tried_again: int  # mails that did not leave at the first try
    outages: dict[str, float]
    waits: dict[str, float]
    queue_stood: float
    mail_away: list[float]  # how long the mail server was, each time

    @property
    def faults(self) -> dict[int, int]:
        """How often there was a 5xx that is not "the database does not answer"."""
        found = Counter(each.status for wish in self.wishes for each in [*wish.tries, *wish.misuses])
        return {status: number for status, number in found.items() if status >= 500 and status != 503}

    @property
    def wrong(self) -> dict[str, list[str]]:
        """What is wrong with what people and programs heard."""
        return judge_heard(self.rows, self.heard)

    @property
    def sent_again(self) -> int:
        """How many mails arrived twice, under the Message-ID by which their readers' servers know."""
        return len(self.heard.arrived) - len(set(self.heard.arrived))


def life_and_death(
    tasks: list[Task],
    folder: Path,
    *,
    pause: float,
    rounds: int,
    careful: bool,
    victims: list[str] = VICTIMS,
    queue_stops: float = 0,
    mail_stops: float = 0,
    lasts: float = 0,
    patience: float = 30,
) -> Seen:
    """Let clients book while the portal's programs are killed in turn, wait until all is quiet, and look.

    A second beat runs all the time, the queue may stand still and the mail server be away for a while; the killing goes
    on for as many seconds as it `lasts`.
    """
    with (
        mail_server(folder) as mails,
        portal(folder / "data", careful=careful, EMAIL_URL=mails.url) as found,
        second_beat(found.servers),
        stopped(found, queue_stops) as stood,
    ):
        probe = Probe(found.port, f"/api/v1/instruments/{tasks[0].slugs[0]}/policy/", pause=0.05 if careful else 0.3)
        clients, until = start_clients([found.task(each) for each in tasks]), monotonic() + lasts
        with probe.asking(), mails.away(mail_stops, patience=300) if mail_stops else nullcontext([]) as away:

            def over() -> bool:
                """Clients that wait for the end of the killing do not put it off."""
                booked = tasks[0].waits or all(client.poll() is not None for client in clients)
                return booked and monotonic() > until

            kills = kill_in_turn(found, probe, victims, pause=pause, rounds=rounds, over=over)
            (folder / ENOUGH).touch()
            assert [client.wait(timeout=900) for client in clients] == [0] * len(clients)
        events = [each for task in tasks for each in changes_of(found.port, task.token)]
        with looking_into(found.servers):
            taken = wait_for_mails(seconds=patience, patient=careful)
            rows = kept()
            sent_to = [str(pk) for pk in Mail.objects.values_list("pk", flat=True)]
            heard = Heard(sent_to, told_of(), mails.ids(), events)
            # They are due when they are written; what a killed worker had taken is counted apart.
            sent = Mail.objects.filter(attempts=1, event="booking_confirmed").values_list("created_at", "sent_at")
            waited = waits(kills, [(due.timestamp(), at.timestamp()) for due, at in sent])
            tried_again = Mail.objects.filter(attempts__gt=1).count()
    wishes, unanswered = wishes_in(folder), outages(kills, probe.answered)
    return Seen(kills, wishes, rows, heard, taken, tried_again, unanswered, waited, sum(stood), away)


def told_of() -> list[str]:
    """The booking that each mail "it is confirmed" is about."""
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
