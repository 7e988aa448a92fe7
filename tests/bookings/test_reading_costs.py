"""What it costs to look: the same number of statements and pages, however much is booked.

The full sizes are measured by `./portal prove reading`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from bookings.models import Booking, Claim
from common.interval import Interval
from tests.factories import instrument
from tests.growth import fill, pages_of

DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [2, 20])
def test_a_calendar_of_many_instruments_costs_the_same_statements(centre, researcher, labmate, nine, statements, count):
    for n in range(count):
        instrument(centre, f"i{n}")
    fill(researcher, first=nine, last=nine + 5 * DAY)
    client = Client()
    client.force_login(labmate)
    query = {"from": nine.isoformat(), "to": (nine + 7 * DAY).isoformat(), "facility": centre.slug}

    with statements() as counted:
        events = client.get("/api/v1/calendar/", query).json()["events"]

    assert len(events) == count * 61
    assert len(counted) <= 6, "\n".join(counted)


@pytest.mark.parametrize("count", [3, 30])
def test_a_look_over_the_city_costs_the_same_statements(centre, researcher, nine, statements, count):
    for n in range(count):
        instrument(centre, f"i{n}")
    fill(researcher, first=nine, last=nine + 2 * DAY)
    query = {"from": nine.isoformat(), "to": (nine + DAY / 4).isoformat(), "minutes": 30}

    with statements() as counted:
        found = Client().get("/api/v1/openings/", query).json()

    assert found["results"]
    assert len(counted) <= 3, "\n".join(counted)


def test_ten_times_the_bookings_do_not_make_a_week_or_a_booking_dearer(centre, researcher, nine):
    own = instrument(centre)
    for n in range(9):
        instrument(centre, f"i{n}")
    week, hour = Interval(nine, nine + 7 * DAY), Interval(nine, nine + DAY / 24)
    reads = {
        "week": Claim.objects.filter(instrument=own).overlapping(week).order_by("starts_at"),
        "rivals": Claim.objects.filter(instrument=own, unit=1).overlapping(hour).order_by("starts_at"),
        "mine": Booking.objects.of(researcher).order_by("-starts_at")[:25],
    }
    fill(researcher, first=nine - 20 * DAY, last=nine + 10 * DAY)
    before = {name: pages_of(read) for name, read in reads.items()}
    made = fill(researcher, first=nine + 11 * DAY, last=nine + 300 * DAY)
    after = {name: pages_of(read) for name, read in reads.items()}

    assert made > 30_000
    assert all(after[name] <= before[name] * 1.25 + 8 for name in reads), (before, after)
