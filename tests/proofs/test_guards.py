"""Rows of trust that ordinary tests hold, with the figures that belong to them."""

from __future__ import annotations

import time
from ipaddress import ip_address

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from common.reach import is_public
from tests.accounts.conftest import _no_cache  # noqa: F401 (the fixture)
from tests.accounts.test_signing_in import sign_in
from tests.benchmarks.rounds import Asking, session_of
from tests.common.test_uploads import judged
from tests.config.test_tasks_again import AT_WORK, TIMES, alone, tasks, threads, three_times_each  # noqa: F401 (two fixtures)
from tests.contention import served
from tests.factories import token_for
from tests.notifications import test_vetting as vetting
from tests.test_permissions import world  # noqa: F401 (the fixture)

DAYS_LATER = [0, 1, 2, 3, 4, 7, 12, 20, 45, 100, 400, 800]


@pytest.mark.django_db(transaction=True)
def test_guards_every_task_three_times(world, xrd, threads, alone, show):  # noqa: F811
    at_work, twice = three_times_each(world, xrd, threads, DAYS_LATER)

    show(
        f"Every task delivered {TIMES} times at once, and once more",
        [
            ("tasks of the schedule", "all", len(tasks())),
            ("days on which they were delivered", "reported", ", ".join(map(str, DAYS_LATER))),
            ("tasks that found something to do", "reported", len(at_work)),
            ("rows and mails beside those of one delivery", 0, len(twice)),
        ],
    )
    assert twice == []
    assert len(at_work) >= AT_WORK


def test_guards_hostile_files(show):
    found = list(judged())
    taken = [each.what for each in found if "taken" in each.verdicts]
    of_python, grown = max(each.of_python for each in found), max(each.grown for each in found)

    show(
        "Hostile files",
        [
            ("files", "≥ 40", len(found)),
            ("taken, by the services, as a picture or as a document", 0, len(taken)),
            ("rules that the services refused them by", "reported", len({each.verdicts[0] for each in found})),
            (
                "most memory for one of them: Python's, and by how much the process grew",
                "< 200 MB",
                f"{of_python:.0f}, {grown:.0f} MB",
            ),
        ],
    )
    assert taken == []
    assert len(found) >= 40
    assert max(of_python, grown) < 200


@pytest.mark.django_db(transaction=True)
def test_guards_a_disabled_user(researcher, show):
    """Over HTTP, by the two processes of gunicorn: neither may remember who was allowed in."""
    ways = [session_of(researcher), {"Authorization": f"Bearer {token_for(researcher)}"}]
    with served() as port:
        asking = [Asking(port, **headers) for headers in ways for _process in range(4)]
        for each in asking:
            each.ask("GET", "/api/v1/bookings/")
        begun = time.monotonic()
        User.objects.filter(pk=researcher.pk).update(is_active=False)
        for each in asking:
            each.ask("GET", "/api/v1/bookings/", expect=401)
        out = time.monotonic() - begun

    show(
        "A user who is disabled",
        [("connections that were in, by session and by token", "reported", len(asking)),
         ("all of them out", "≤ 1 s", f"{out * 1000:.0f} ms")],
    )  # fmt: skip
    assert out < 1


def test_guards_addresses_of_webhooks(show):
    (refused,) = (mark.args[1] for mark in vetting.test_addresses_that_are_not_public_are_refused.pytestmark)
    passed = [each for each in refused if is_public(ip_address(each))]

    show(
        "Where a webhook may not lead",
        [("addresses that are not public", "reported", len(refused)), ("of them taken", 0, len(passed))],
    )
    assert passed == []


@pytest.mark.django_db
def test_guards_the_eleventh_sign_in(request, researcher, show):
    rows = []
    for where, setting in (("Redis counts", "db"), ("Redis is away, PostgreSQL counts", "_no_cache")):
        request.getfixturevalue(setting)
        with time_machine.travel(timezone.now(), tick=False):
            tried = [sign_in(f"n{n}@example.org", "wrong").status_code for n in range(12)]
        rows.append((f"wrong sign-ins of a minute before 429: {where}", 10, tried.index(429)))
        assert tried.index(429) == 10

    show("The eleventh sign-in of a minute", rows)
