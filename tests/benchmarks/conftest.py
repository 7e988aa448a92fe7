"""The portal, and the floor beside it, as they are served; what is shown is kept in docs/performance.md."""

from __future__ import annotations

import pytest
from django.db import connection

from bookings.services import set_hours
from tests.benchmarks.floor import DROP_TABLE, MAKE_TABLE
from tests.contention import served
from tests.factories import AROUND_THE_CLOCK, instrument
from tests.proofs.conftest import show

__all__ = ["show"]


@pytest.fixture
def floor():
    """The port of the floor, whose table is there."""
    with connection.cursor() as cursor:
        cursor.execute(DROP_TABLE)
        cursor.execute(MAKE_TABLE)
    with served("tests.benchmarks.floor_wsgi", ready="/health/") as port:
        yield port
    with connection.cursor() as cursor:
        cursor.execute(DROP_TABLE)


@pytest.fixture
def portal():
    with served() as port:
        yield port


@pytest.fixture
def open_instrument(centre):
    """Confirmed at once, open day and night, a year ahead."""

    def made(slug):
        own = instrument(centre, slug, needs_approval=False, horizon_days=365)
        set_hours(own, AROUND_THE_CLOCK)
        return own

    return made
