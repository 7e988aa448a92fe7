"""A clock that is an hour off: whoever would write a wrong time is told so, in every process, until it is right."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import Error
from django.utils import timezone

from bookings.models import Booking
from common import clock, db
from config.celery import app
from tests.common.test_watching import filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Lets half a minute pass on the clock that nobody sets."""
    monkeypatch.setattr(clock, "clock_off", db.clock_off)  # which the other tests, who travel, switch off
    monkeypatch.setattr(clock, "_seen", {})
    return lambda: clock._seen.update(until=0.0)


@pytest.fixture
def an_hour_off(later, time_machine):
    time_machine.move_to(timezone.now() + timedelta(hours=1))


def book(client, nine):
    return client.post("/instruments/xrd/book/", filled(nine))


def test_nothing_is_changed_until_the_clock_is_right_and_then_all_goes_on_by_itself(
    browse, call, researcher, xrd, nine, later, time_machine
):
    page, api = browse(researcher), call(researcher)
    wish = {"instrument": "xrd", "start": nine.isoformat(), "end": (nine + timedelta(hours=1)).isoformat()}
    now = timezone.now()
    time_machine.move_to(now + timedelta(hours=1))

    seen, told = book(page, nine), api.post("/api/v1/bookings/", wish)

    assert (seen.status_code, "时钟" in seen.content.decode(), seen["Retry-After"]) == (503, True, "60")
    assert (told.status_code, told["Content-Type"]) == (503, "application/problem+json")
    assert told.json()["code"] == "clock_off"
    assert not Booking.objects.exists()
    assert page.get("/instruments/xrd/").status_code == 200  # reading goes on

    time_machine.move_to(now)
    later()
    assert book(page, nine).status_code == 302


def test_without_the_look_a_time_that_is_wrong_is_written(browse, researcher, xrd, nine, an_hour_off, monkeypatch):
    monkeypatch.setattr(clock, "clock_off", lambda _connection: 0)

    assert book(browse(researcher), nine).status_code == 302
    assert Booking.objects.get().created_at > timezone.now() - timedelta(minutes=1)  # an hour from now


def test_people_come_in_and_go_out_all_the_same(browse, researcher, an_hour_off):
    page = browse(researcher)
    assert page.post("/accounts/logout/").status_code == 302
    assert page.post("/accounts/login/", {"login": "nobody@example.org", "password": "wrong"}).status_code == 200


def test_a_task_does_nothing_and_says_so(lines, later, time_machine):
    done = []

    @app.task(name="tests.note")
    def note():
        done.append(1)

    now = timezone.now()
    time_machine.move_to(now - timedelta(hours=1))
    note()
    assert (done, [line["event"] for line in lines()]) == ([], ["clock_off", "task_put_off"])

    time_machine.move_to(now)
    later()
    note()
    assert done == [1]
    del app.tasks["tests.note"]


def test_the_database_is_asked_twice_a_minute_at_most_and_one_that_is_away_is_no_wrong_clock(
    statements, later, monkeypatch
):
    with statements() as asked:
        assert [clock.seconds_off() for _again in range(5)] == [0] * 5
    assert len(asked) == 1

    def away(_connection):
        raise Error

    monkeypatch.setattr(clock, "clock_off", away)
    later()
    assert clock.seconds_off() == 0
