"""A booking that is spoken of, and a program that is told."""

from __future__ import annotations

import threading

import pytest

from notifications.services import add_webhook
from tests.factories import booked
from tests.notifications.stand_in import StandIn


@pytest.fixture
def stand_in():
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=10)


@pytest.fixture
def booking(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher)


@pytest.fixture
def endpoint(stand_in, researcher):
    return add_webhook(stand_in.url, by=researcher)
