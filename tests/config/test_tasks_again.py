"""Every task of the schedule, delivered three times at once and once more: its effects are there once.

The tasks are called in threads of this process: whether a message arrives is the broker's, and the proofs of chaos ask
that; what of a message that came three times stays is asked here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from bookings.states import State
from common.ids import new_id
from config.celery import app
from notifications.models import Notice
from tests import factories
from tests.test_permissions import world  # noqa: F401 (the fixture)

TIMES = 3
# Whoever sends comes first: what another task says in the same round has not left when it is asked once, inside one
# transaction, but might have when it is asked three times.
FIRST = ["notifications.deliver_mail", "notifications.deliver_sms", "notifications.deliver_webhooks"]
AT_WORK = 15  # tasks, at least, that found something to do in this world; some have only on the first of a month


def tasks() -> list[str]:
    app.loader.import_default_modules()
    named = {str(entry["task"]) for entry in app.conf.beat_schedule.values()}
    return [*FIRST, *sorted(named - {*FIRST})]


@cache
def every_table() -> str:
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
    return " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)  # noqa: S608 (names of our tables)


def rows() -> dict[str, int]:
    """How many rows each table has, the histories among them: a change that is made twice leaves two."""
    with connection.cursor() as cursor:
        cursor.execute(every_table())
        return {**dict(cursor.fetchall()), "mails that left": len(mail.outbox)}


def difference(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    return {name: (count, after[name]) for name, count in before.items() if after[name] != count}


def as_if_once(names: list[str]) -> dict[str, int]:
    """What there would be, had each task been delivered once; nothing of it stays."""
    mail.outbox.clear()
    with transaction.atomic():
        for name in names:
            app.tasks[name].run()
        found = rows()
        transaction.set_rollback(True)
    mail.outbox.clear()
    return found


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TIMES) as pool:
        yield pool
        for _thread in range(TIMES):
            pool.submit(connection.close)


def at_once(threads: ThreadPoolExecutor, name: str) -> None:
    list(threads.map(lambda _time: app.tasks[name].run(), range(TIMES)))


@pytest.fixture
def alone(monkeypatch) -> None:
    """Nobody out there answers, and at once: webhooks and calendars are tried again later."""
    known = socket.getaddrinfo

    def found(host, *about, **more):
        if host == "example.org":
            raise socket.gaierror
        return known(host, *about, **more)

    monkeypatch.setattr(socket, "getaddrinfo", found)


def more_that_falls_due(world, on, start) -> None:  # noqa: F811
    """On the second day somebody is reminded, somebody never came, somebody sits there still, somebody leaves."""
    who, day = world["people"]["labmate"], timedelta(days=1)
    factories.booked(on, at=start + 2.5 * day, by=who)
    factories.booked(on, at=start + day, by=who, no_show_at=start + 1.1 * day)
    factories.booked(on, at=start + 1.5 * day, by=who, state=State.IN_USE)
    world["people"]["mentor"].memberships.update(ends_on=start.date())


def three_times_each(world, on, threads, days_later: Sequence[int]) -> tuple[set[str], list[str]]:  # noqa: F811
    """Deliver every task three times and once more on each of these days: who found something to do, and whatever is
    there beside what one delivery leaves.
    """
    start, at_work, twice = timezone.now(), set[str](), list[str]()
    more_that_falls_due(world, on, start)
    for days in days_later:
        with time_machine.travel(start + timedelta(days=days), tick=False):
            before, wanted = rows(), as_if_once(tasks())
            for name in tasks():
                at_once(threads, name)
                found = rows()
                app.tasks[name].run()
                twice += [f"{name} once more, {days} days later: {each}" for each in difference(found, rows()).items()]
                at_work |= {name} if difference(before, found) else set()
                before = found
            twice += [f"three times at once, {days} days later: {each}" for each in difference(wanted, before).items()]
    return at_work, twice


@pytest.mark.django_db(transaction=True)
def test_every_task_delivered_3_times_at_once_and_once_more_has_its_effects_once(world, xrd, threads, alone):  # noqa: F811
    at_work, twice = three_times_each(world, xrd, threads, [0, 2, 400])

    assert twice == []
    assert len(at_work) >= AT_WORK


@pytest.mark.django_db(transaction=True)
def test_a_task_that_does_not_look_is_found_out(world, threads, monkeypatch):  # noqa: F811
    """The negative control: it tells somebody each time that it is delivered."""
    reader = world["people"]["researcher"]

    def tell_again() -> None:
        once = {"event": "x", "occasion": str(new_id()), "due_at": timezone.now()}
        Notice.objects.create(reader_id=reader.pk, text="x", path="/", **once)

    (name, *_others) = tasks()
    monkeypatch.setattr(app.tasks[name], "run", tell_again)
    wanted = as_if_once([name])
    at_once(threads, name)

    one = wanted["notifications_notice"]
    assert difference(wanted, rows()) == {"notifications_notice": (one, one + 2)}
