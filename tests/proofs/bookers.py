"""Clients that call the services themselves, in processes of their own, one of which is killed every few seconds.

Forked from one process that has Django ready, because sixteen starts would take longer than the proof.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.template.loader import get_template
from django.urls import get_resolver, reverse
from django.utils import translation
from django.utils.dateparse import parse_datetime

from accounts.models import User
from bookings import services
from bookings.models import Booking
from bookings.rules import objections_to_booking
from common.db import sqlstate
from common.errors import InFlight, OtherBody, Refused
from common.interval import Interval
from records.services import Answer, once
from tests.factories import not_locked
from tests.proofs.client import ENOUGH, Client, Request, Send, Task, Told

Children = dict[int, Task]
DEADLOCK = "deadlock"


def by_services(task: Task) -> Send:
    """Asks as the API does: once for each key, in one transaction."""
    user = User.objects.get(pk=task.user)

    def act(request: Request) -> Answer:
        if request["act"] == "cancel":
            booking = services.cancel(Booking.objects.get(pk=request["booking"]), by=user)
            return Answer(200, {"id": str(booking.pk)})
        interval = Interval(parse_datetime(request["start"]), parse_datetime(request["end"]))
        booking = services.book(request["slug"], by=user, interval=interval, title=request["key"])
        return Answer(201, {"id": str(booking.pk)})

    def send(request: Request) -> Told:
        words = {name: value for name, value in request.items() if name != "other"}
        try:
            answer = once(
                user.pk,
                key=request["key"],
                fingerprint=sha256(json.dumps(words).encode()).hexdigest(),
                act=lambda: act(request),
            )
        except Refused as error:
            return Told(409, tuple(each.code for each in error.refusals))
        except InFlight:
            return Told(409, ("in_flight",))
        except OtherBody:
            return Told(422, ("idempotency_key_reused",))
        except (OperationalError, InterfaceError) as error:
            connection.close()
            return what_came_of(error)
        return Told(answer.status, (), answer.body["id"], answer.replayed)

    return send


def what_came_of(error: OperationalError | InterfaceError) -> Told:
    """No answer either way, and sent again; but a deadlock is no fault of the connection's, and is told apart."""
    return Told(0, (DEADLOCK,) if sqlstate(error) == "40P01" else ())


def unguarded() -> None:
    """For the negative control: nobody is locked, and everybody takes a while between looking and writing."""

    def look_and_wait(given: Any) -> Any:
        found = objections_to_booking(given)
        time.sleep(0.2)
        return found

    patch("bookings.services.book.lock_with_terms", not_locked).start()
    patch("bookings.services.book.objections_to_booking", look_and_wait).start()


def fork(task: Task, children: Children) -> None:
    child = os.fork()
    if child:
        children[child] = task
        return
    try:
        Client(task, by_services(task)).live()
        os._exit(0)
    except BaseException as error:
        print(f"{task.name}: {error!r}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(1)


def run(tasks: list[Task], *, kills: int, kill_every: float) -> dict[str, int]:
    """Let all do their tasks; returns how many were killed, and how many failed of themselves.

    Those that wait go on until as many were killed: a machine may be quicker than the killer.
    """
    children: Children = {}
    random, killed, failed = Random(11), 0, 0
    for task in tasks:
        fork(task, children)
    next_kill = time.monotonic() + kill_every
    while children:
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            task = children.pop(ended)
            if os.WIFSIGNALED(status):
                fork(task, children)
            failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0
            continue
        if killed < kills and time.monotonic() > next_kill:
            os.kill(random.choice(list(children)), signal.SIGKILL)
            killed, next_kill = killed + 1, time.monotonic() + kill_every
            if killed == kills:
                Path(tasks[0].folder, ENOUGH).touch()
        time.sleep(0.02)
    return {"killed": killed, "failed": failed}


def crash_everywhere(task: Task) -> int:
    """Kill a booker at each statement of a booking, then after its commit, each time with a successor who asks again.

    Returns how many points there were.
    """
    for point in range(1, 100):
        mine = later(task, hours=point)
        child = os.fork()
        if not child:
            _crash_at(mine, point)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"point {point}: status {status}"
        children: Children = {}
        fork(mine, children)
        _, ended = os.waitpid(next(iter(children)), 0)
        assert ended == 0
        if os.WTERMSIG(status) == signal.SIGTERM:
            return point
    raise AssertionError("a booking does not take a hundred statements")


def later(task: Task, *, hours: int) -> Task:
    start = datetime.fromisoformat(task.first) + timedelta(hours=hours)
    return replace(
        task, name=f"{task.name}-{hours}", first=start.isoformat(), slots=1, attempts=1, in_order=True, waits=False
    )


def _crash_at(task: Task, point: int) -> None:
    """Die before the statement of this number; by SIGTERM, the last time, when it has all been committed."""
    send, counted = by_services(task), count(1)

    def counting(execute: Any, *words: Any) -> Any:
        if next(counted) == point:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*words)

    def dying(request: Request) -> Told:
        with connection.execute_wrapper(counting):
            send(request)
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("not reached")

    Client(task, dying).live()


def warm_up() -> None:
    """What every booker needs is read once, before the first is forked: addresses, translations, words of mails."""
    get_resolver().url_patterns  # noqa: B018 (reading them imports them)
    reverse("api_bookings")
    get_template("told/booking_confirmed.txt")
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Booking")


def main() -> None:
    order = json.loads(sys.argv[1])
    warm_up()
    if order["unguarded"]:
        unguarded()
    tasks = [Task(**each) for each in order["tasks"]]
    points = crash_everywhere(tasks.pop()) if order["crashes"] else 0
    done = run(tasks, kills=order["kills"], kill_every=order["kill_every"]) | {"points": points}
    print(json.dumps(done))  # noqa: T201
