"""Trust 42: the disk under the whole portal fills up while people book, and gets room again.

Database, files, mails and logs lie on one small disk. Twice: first a table cannot grow, then PostgreSQL's log itself.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress

import pytest

from launcher.database import Database
from launcher.speech import Stop
from tests.proofs.aftermath import kept, told_of, wait_for_mails
from tests.proofs.chaos import Probe, looking_into, portal, start_clients, wait_until
from tests.proofs.client import ENOUGH
from tests.proofs.histories import judge, untold, wishes_in
from tests.proofs.world import tasks_for
from tests.small_disk import fill, small_disk

CLIENTS, SECONDS_FULL = 4, 12
pytestmark = pytest.mark.django_db(transaction=True)


def test_disk_full(tmp_path, show):
    tasks = tasks_for(CLIENTS, folder=tmp_path, attempts=CLIENTS * 40, slots=2000, instruments=10, waits=True)
    back = []
    with small_disk(tmp_path / "data", megabytes=400) as disk, portal(disk, careful=True) as found:
        web = found.process_of("web")
        probe = Probe(found.port, f"/api/v1/instruments/{tasks[0].slugs[0]}/policy/")
        clients = start_clients([found.task(each) for each in tasks])
        with probe.asking():
            for log_too in (False, True):
                before = booked(tmp_path)
                wait_until(lambda before=before: booked(tmp_path) > before + 20, seconds=60, what="booking")
                ballast = fill(disk)
                until = time.monotonic() + SECONDS_FULL
                while time.monotonic() < until:  # what is freed meanwhile is filled as well
                    fill(disk)
                    time.sleep(0.1)
                    if log_too:
                        fill_log(found.servers.environment["DATABASE_OWNER_URL"])
                if log_too:
                    assert found.process_of("postgres") is None  # it has ended itself, and waits
                ballast.unlink()
                room, before = time.monotonic(), booked(tmp_path)
                wait_until(lambda before=before: booked(tmp_path) > before, seconds=60, what="booking")
                back.append(time.monotonic() - room)
            (tmp_path / ENOUGH).touch()
            assert [client.wait(timeout=300) for client in clients] == [0] * len(clients)
        with looking_into(found.servers):
            wait_for_mails(seconds=120, patient=False)
            rows = kept()
            lost_mails = untold(rows, told_of())
        assert found.process_of("web") == web
    wishes = wishes_in(tmp_path)
    heard = Counter((each.status, *each.codes) for wish in wishes for each in wish.tries)
    found_wrong = judge(wishes, rows)
    show(
        "The disk under the portal full while people book, twice",
        [
            ("bookings acknowledged", "reported", sum(1 for each in wishes if each.answers(201))),
            *((kind, 0, len(wrong)) for kind, wrong in found_wrong.items()),
            ("bookings that nobody was told of", 0, len(lost_mails)),
            ("web started again", "no", "no"),
            ("from room to the next booking", "≤ 60 s", ", ".join(f"{each:.1f} s" for each in back)),
            ("answers", "reported", ", ".join(f"{' '.join(map(str, key))}: {n}" for key, n in sorted(heard.items()))),
        ],
    )
    assert not any(found_wrong.values()), found_wrong
    assert not lost_mails
    assert {key[0] for key in heard} & set(range(500, 600)) == {503}
    assert {key[1:] for key in heard if key[0] == 503} <= {("disk_full",), ("unavailable",)}


def fill_log(url: str) -> None:
    """Write into PostgreSQL's log alone, so that it needs another piece of 16 MB."""
    with suppress(Stop):
        Database(url).ask(
            "SELECT pg_logical_emit_message(false, 'full', repeat('x', 1000000)) FROM generate_series(1, 60)"
        )


def booked(folder) -> int:
    return sum(1 for wish in wishes_in(folder) if wish.answers(201))
