"""Trust 1 to 3, 10 to 15 and 42: nothing is lost and nothing done twice while everything is killed in turn.

JISHI_ATTEMPTS says how many attempts the services get, JISHI_ATTEMPTS_OVER_HTTP how many the portal over HTTP gets, and
JISHI_COMMITS how many bookings the outbox is to tell of. The counts are in the titles of the tables: a smaller run
leaves the table of the full one alone.
"""

from __future__ import annotations

from collections import Counter
from os import environ
from time import monotonic

import pytest

from tests.contention import deadlocks_counted
from tests.proofs.aftermath import kept, life_and_death, told_of
from tests.proofs.bookers import DEADLOCK
from tests.proofs.chaos import VICTIMS, run_bookers
from tests.proofs.histories import judge, untold, wishes_in
from tests.proofs.world import tasks_for

ATTEMPTS = int(environ.get("JISHI_ATTEMPTS", "1000000"))
OVER_HTTP = int(environ.get("JISHI_ATTEMPTS_OVER_HTTP", "100000"))
COMMITS = int(environ.get("JISHI_COMMITS", "10000"))
KILLS_OF_THE_WORKER, QUEUE_STOPS, MAIL_STOPS = 20, 60, 60
BOOKERS, CLIENTS, INSTRUMENTS = 16, 8, 10
KILL_EVERY = 5.0
pytestmark = pytest.mark.django_db(transaction=True)


def slots_for(attempts):
    """As many attempts for each slot as a million have on 20,000."""
    return max(10, attempts // 50 // INSTRUMENTS)


def lines_about(wishes, rows):
    """What judge() says, as lines of the table, and what the clients heard."""
    found = judge(wishes, rows)
    heard = Counter(each.status for wish in wishes for each in wish.tries)
    words = ", ".join(f"{status or 'nothing'}: {number}" for status, number in sorted(heard.items()))
    return found, [*((kind, 0, len(wrong)) for kind, wrong in found.items()), ("answers", "reported", words)]


def calls(wishes):
    """How often somebody was asked: what was never answered is sent again, and some wishes five times at once."""
    return sum(len(wish.tries) + len(wish.misuses) for wish in wishes)


def deadlocks(wishes):
    return sum(DEADLOCK in each.codes for wish in wishes for each in [*wish.tries, *wish.misuses])


def test_chaos_of_services(tmp_path, show):
    each = -(-ATTEMPTS // BOOKERS)  # one more is killed at each statement of a booking, and books nothing else
    tasks = tasks_for(
        BOOKERS + 1, folder=tmp_path, attempts=each * (BOOKERS + 1), slots=slots_for(ATTEMPTS), instruments=INSTRUMENTS
    )
    begun = monotonic()

    with deadlocks_counted() as ended:
        done = run_bookers(tasks, kills=ATTEMPTS, kill_every=KILL_EVERY, crashes=True)

    seconds = monotonic() - begun
    wishes, rows = wishes_in(tmp_path), kept()
    found, lines = lines_about(wishes, rows)
    show(
        f"{ATTEMPTS:,} attempts of {BOOKERS} bookers, one killed every {KILL_EVERY:.0f} s (services, processes)",
        [
            ("attempts", f"≥ {ATTEMPTS:,}", f"{calls(wishes):,}, {calls(wishes) / seconds:.0f} a second"),
            ("requests, each with a key of its own", "reported", f"{len(wishes):,}"),
            ("instruments × slots", "10 × 2,000", f"{INSTRUMENTS} × {slots_for(ATTEMPTS)}"),
            ("bookers killed", "reported", done["killed"]),
            ("points of a booking at which one was killed, and a successor asked again", "each", done["points"]),
            ("bookings in the end", "reported", len(rows)),
            *lines,
            ("bookings that nobody was told of", 0, len(untold(rows, told_of()))),
            ("deadlocks that a booker was told of", 0, deadlocks(wishes)),
            ("deadlocks in pg_stat_database (begun again up to three times)", "reported", ended.number),
        ],
    )
    assert calls(wishes) >= ATTEMPTS
    assert done["failed"] == 0
    assert not any(found.values()), found
    assert not untold(rows, told_of())
    assert deadlocks(wishes) == 0


def test_chaos_over_http(tmp_path, show):
    tasks = tasks_for(CLIENTS, folder=tmp_path, attempts=OVER_HTTP, slots=slots_for(OVER_HTTP), instruments=INSTRUMENTS)
    begun = monotonic()

    seen = life_and_death(tasks, tmp_path, pause=KILL_EVERY, rounds=1, careful=True, patience=420)

    found, lines = lines_about(seen.wishes, seen.rows)
    kills = Counter(kill.victim for kill in seen.kills)
    show(
        f"{OVER_HTTP:,} attempts over HTTP, the portal's programs killed in turn, two beats",
        [
            ("attempts", f"≥ {OVER_HTTP:,}", f"{calls(seen.wishes):,} in {monotonic() - begun:.0f} s"),
            ("requests, each with a key of its own", "reported", f"{len(seen.wishes):,}"),
            ("kills", "reported", ", ".join(f"{victim} {number}" for victim, number in kills.items())),
            *lines,
            ("answers 5xx other than 503", 0, sum(seen.faults.values())),
            *(
                (f"no answer after a kill of {victim}", "≤ 10 s", f"{seconds:.1f} s")
                for victim, seconds in seen.outages.items()
            ),
            *(
                (f"a mail that was due waited after a kill of {victim}", "≤ 10 s", f"{seconds:.1f} s")
                for victim, seconds in seen.waits.items()
            ),
            *lines_about_mails(seen),
        ],
    )
    assert calls(seen.wishes) >= OVER_HTTP
    assert not any(found.values()), found
    assert seen.faults == {}
    assert set(kills) == set(VICTIMS)
    assert_all_told(seen)


def test_chaos_of_the_outbox(tmp_path, show):
    """The worker is killed 20 times (the launcher gives up at the sixth in a minute); queue and mail server stop."""
    # Of so many wishes for so many hours a tenth more than the commits find theirs free.
    tasks = tasks_for(
        CLIENTS,
        folder=tmp_path,
        attempts=COMMITS * 8 // 5,
        slots=COMMITS * 4 // INSTRUMENTS,
        instruments=INSTRUMENTS,
    )

    seen = life_and_death(
        tasks,
        tmp_path,
        pause=12.5,
        rounds=KILLS_OF_THE_WORKER,
        careful=True,
        victims=["worker"],
        queue_stops=QUEUE_STOPS,
        mail_stops=MAIL_STOPS,
        patience=900,
    )

    commits = sum(1 for each in seen.wishes if each.answers(201))
    show(
        f"The outbox of {COMMITS:,} commits, while what it needs is killed in turn",
        [
            ("bookings committed", f"≥ {COMMITS:,}", f"{commits:,}"),
            ("kills of the worker", f"≥ {KILLS_OF_THE_WORKER}", len(seen.kills)),
            ("the queue stood still", f"{QUEUE_STOPS} s", f"{seen.queue_stood:.0f} s"),
            ("mail server away, killed in the middle of a mail", f"{MAIL_STOPS} s", f"{seen.mail_away[0]:.0f} s"),
            ("mail server killed when it had a mail and had not said so", "reported", len(seen.mail_away) - 1),
            *lines_about_mails(seen),
        ],
    )
    assert commits >= COMMITS
    assert len(seen.kills) >= KILLS_OF_THE_WORKER
    assert seen.queue_stood >= QUEUE_STOPS
    assert seen.mail_away[0] >= MAIL_STOPS
    assert_all_told(seen)


def lines_about_mails(seen):
    return [
        ("mails, by SMTP", "reported", f"{len(seen.heard.mails):,}"),
        ("Message-IDs that arrived", "as many", f"{len(set(seen.heard.arrived)):,}"),
        *((kind, 0, len(wrong)) for kind, wrong in seen.wrong.items()),
        ("mails that a killed worker had taken, sent when its lease was over", "reported", seen.taken),
        ("mails that left at a later try", "reported", seen.tried_again),
        ("mails that left twice, under the same Message-ID", "reported", seen.sent_again),
    ]


def assert_all_told(seen):
    assert not any(seen.wrong.values()), seen.wrong
