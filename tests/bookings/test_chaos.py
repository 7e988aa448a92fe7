"""The portal while its programs are killed, at a small count; `./portal prove chaos` runs the full one."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from django.conf import settings

from bookings.models import NO_OVERLAP, Claim
from config.celery import app
from launcher.places import ROOT
from tests.database import without_constraint
from tests.proofs.aftermath import kept, life_and_death, told_of
from tests.proofs.chaos import VICTIMS, run_bookers
from tests.proofs.histories import Heard, Kept, judge, judge_heard, untold, wishes_in, wishes_of
from tests.proofs.world import tasks_for

ROOMS = {name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()}


def wrong(wishes, rows):
    return {kind: found for kind, found in judge(wishes, rows).items() if found}


@pytest.mark.django_db(transaction=True)
def test_60_seconds_in_which_each_program_is_killed_and_the_mail_server_away_while_2_clients_book_lose_nothing(
    tmp_path,
):
    """It mostly waits: others work beside it."""
    tasks = tasks_for(
        2, folder=tmp_path, attempts=30, slots=60, instruments=2, waits=True, power_may_fail=False, pause=0.3
    )

    seen = life_and_death(tasks, tmp_path, pause=7, rounds=1, lasts=60, mail_stops=3, careful=False)

    assert {kill.victim for kill in seen.kills} == set(VICTIMS)
    assert len(seen.mail_away) == 2  # it died in the middle of a mail, and of one that it had kept
    assert wrong(seen.wishes, seen.rows) == {}
    assert seen.faults == {}
    assert not any(seen.wrong.values()), seen.wrong


@pytest.mark.django_db(transaction=True)
def test_3_of_4_bookers_killed_and_one_at_each_statement_in_80_attempts_and_more_lose_nothing(tmp_path):
    tasks = tasks_for(5, folder=tmp_path, attempts=100, slots=8, instruments=2, waits=True, power_may_fail=False)

    done = run_bookers(tasks, kills=3, kill_every=0.2, crashes=True)

    assert (done["killed"], done["failed"]) == (3, 0)
    assert done["points"] > 10
    wishes, rows = wishes_in(tmp_path), kept()
    assert len(wishes) >= 80 + done["points"]
    assert wrong(wishes, rows) == {}
    assert not untold(rows, told_of())


@pytest.mark.django_db(transaction=True)
def test_with_lock_and_constraint_off_the_double_booking_is_found(tmp_path):
    """The negative control: were nothing found, the tests above would be blind."""
    tasks = tasks_for(4, folder=tmp_path, attempts=40, slots=10, instruments=1, in_order=True, power_may_fail=False)
    with without_constraint(Claim, NO_OVERLAP):
        run_bookers(tasks, kills=0, kill_every=60, unguarded=True)

        assert "overlapping claims" in wrong(wishes_in(tmp_path), kept())


AT_NINE, AT_TEN = "2026-11-30T09:00:00+08:00", "2026-11-30T10:00:00+08:00"


def asks(key, *, at, act="book", **more):
    wish = {"slug": "sem", "start": AT_NINE, "end": AT_TEN} if act == "book" else {}
    return {"at": at, "number": key, "ask": {"key": key, "act": act, **wish, **more}}


def told(key, *, at, status, booking="", codes=()):
    return {"at": at, "number": key, "key": key, "status": status, "booking": booking, "codes": list(codes)}


def row(pk, key, *, state="confirmed", created=1.5, claims=None):
    start, end = (datetime.fromisoformat(each).timestamp() for each in (AT_NINE, AT_TEN))
    held = ((start, end),) if state == "confirmed" else ()
    return Kept(pk, key, "sem", start, end, state, created, held if claims is None else claims)


TRUE = [
    *(asks("a", at=1), told("a", at=2, status=201, booking="A")),
    *(asks("b", at=3), told("b", at=4, status=409, codes=["slot_taken"])),
    *(asks("c", at=5, act="cancel", booking="A"), told("c", at=6, status=200, booking="A")),
    *(asks("d", at=7), told("d", at=8, status=201, booking="D")),
]
ROWS = [row("A", "a", state="cancelled"), row("D", "d", created=7.5)]
LATE = [asks("e", at=6.5), told("e", at=6.6, status=409, codes=["slot_taken"])]
FORGERIES = {
    "acknowledged and lost": ([*TRUE, asks("x", at=9), told("x", at=9.5, status=201, booking="X")], ROWS),
    "acknowledged cancellations lost": (TRUE, [row("A", "a"), ROWS[1]]),
    "bookings that nobody asked for": (TRUE, [*ROWS, row("X", "x", state="cancelled")]),
    "keys with two bookings": (TRUE, [*ROWS, row("X", "d", state="cancelled")]),
    "keys with two answers": ([*TRUE, asks("d", at=9), told("d", at=9.5, status=201, booking="A")], ROWS),
    "refused and booked": (TRUE, [*ROWS, row("B", "b", state="cancelled")]),
    "requests without an answer": ([*TRUE, asks("x", at=9)], ROWS),
    "keys misused and not refused": (
        [*TRUE, asks("d", at=9, other=True), told("d", at=9.5, status=201, booking="D")], ROWS
    ),
    "bookings and claims that disagree": (TRUE, [ROWS[0], row("D", "d", claims=())]),
    "refusals that nothing explains": ([*TRUE, *LATE], ROWS),
    "overlapping claims": (TRUE, [row("A", "a"), ROWS[1]]),
}  # fmt: skip


# What people and programs heard of ROWS, and how each kind of it can be wrong.
HEARD = {
    "mails": ["1", "2"],
    "about": ["A", "D"],
    "arrived": ["<1@jishi>", "<2@jishi>", "<2@jishi>"],
    "events": [("booking.confirmed", "A"), ("booking.cancelled", "A"), ("booking.confirmed", "D")],
}
FORGERIES_OF_MAILS = {
    "mails lost": {"mails": ["1", "2", "3"]},
    "bookings that nobody was told of": {"about": ["A"]},
    "bookings told of twice": {"about": ["A", "D", "D"]},
    "events that changes/ does not have": {"events": HEARD["events"][1:]},
}


def wrongly_heard(**forged):
    return {kind: found for kind, found in judge_heard(ROWS, Heard(**{**HEARD, **forged})).items() if found}


def test_the_checker_finds_nothing_wrong_in_a_true_history():
    assert wrong(wishes_of(TRUE), ROWS) == {}
    assert wrongly_heard() == {}


@pytest.mark.parametrize("kind", FORGERIES_OF_MAILS)
def test_the_checker_sees_which_mail_or_event_was_forged(kind):
    assert set(wrongly_heard(**FORGERIES_OF_MAILS[kind])) == {kind}


@pytest.mark.parametrize("kind", FORGERIES)
def test_the_checker_sees_what_was_forged(kind):
    lines, rows = FORGERIES[kind]

    assert kind in wrong(wishes_of(lines), rows)


def test_the_checker_knows_every_kind_of_wrong_by_a_forgery():
    assert set(judge([], [])) == set(FORGERIES)
    assert set(judge_heard([], Heard([], [], [], []))) == set(FORGERIES_OF_MAILS)


def test_what_is_to_come_is_a_row_and_no_task_that_waits_in_the_queue():
    """A queue that forgets loses nothing: tasks are started by beat alone, and lapse before the next of their kind."""
    ours = [file for file in ROOT.glob("*/**/*.py") if file.parts[len(ROOT.parts)] in ROOMS]
    put_off = re.compile(r"\.apply_async\(|\.delay\(|send_task\(|countdown=|\beta=")

    assert len(ours) > 100
    assert not [file for file in ours if put_off.search(file.read_text(encoding="utf-8"))]
    assert all(each["options"]["expires"] < each["schedule"] <= 86_400 for each in app.conf.beat_schedule.values())
