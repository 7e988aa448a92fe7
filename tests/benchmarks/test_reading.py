"""G5, G8, G9: what it costs to look, at full size, as ratios in one run."""

from __future__ import annotations

import time
from datetime import timedelta
from os import environ
from statistics import median

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import services
from bookings.models import Booking, Claim
from bookings.services import set_hours
from common.interval import Interval
from instruments.models import Instrument
from tests.factories import EVERY_DAY, EVERYONE, instrument
from tests.growth import fill, pages_of
from tests.proofs.conftest import show  # noqa: F401 (the fixture)

DAY = timedelta(days=1)
# 400 days are a million claims and a quarter of an hour of inserting; JISHI_DAYS=40 shows the way in two minutes.
DAYS_BEFORE = int(environ.get("JISHI_DAYS", "400"))
LATERAL = """
SELECT instrument.id, held.ends_at FROM instruments_instrument AS instrument
LEFT JOIN LATERAL (
    SELECT ends_at FROM bookings_claim AS claim
    WHERE claim.instrument_id = instrument.id AND claim.unit = 1 AND claim.starts_at < %s
    ORDER BY claim.starts_at DESC LIMIT 1
) AS held ON true
WHERE held.ends_at IS NULL OR held.ends_at <= %s
"""


def seconds(act, times=9):
    taken = []
    for _n in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return median(taken)


@pytest.mark.django_db
def test_reading_openings_and_calendar(centre, researcher, labmate, nine, show):  # noqa: F811
    for n in range(199):
        instrument(centre, f"i{n}")
    instrument(centre)
    made = fill(researcher, first=nine - DAYS_BEFORE * DAY, last=nine + 17 * DAY)
    rows = [("claims in the table", "1,000,000", f"{made:,}")]
    window = Interval(nine + DAY / 16, nine + DAY / 2)  # half past ten: free everywhere
    now, length = timezone.now(), timedelta(minutes=30)

    def bare():
        with connection.cursor() as cursor:
            cursor.execute(LATERAL, [window.start + length, window.start])
            cursor.fetchall()

    def openings():
        return services.openings(Instrument.objects.all(), window=window, length=length, now=now)

    floor = seconds(bare)
    with CaptureQueriesContext(connection) as seen:
        assert openings()[0]
        looked = len(seen)
    few = seconds(openings)
    rows += [
        ("statements of openings/ at 200 instruments", "constant", looked),
        ("the LATERAL statement alone", "reported", f"{floor * 1000:.1f} ms"),
        ("openings/ at 200 instruments", "≤ 1.5 × of it", f"{few * 1000:.1f} ms, {few / floor:.1f} ×"),
    ]
    hundred = [f"instrument=i{n}" for n in range(100)]
    address = f"/api/v1/calendar/?from={nine:%Y-%m-%d}T00:00:00%2B08:00&to={nine + 7 * DAY:%Y-%m-%d}T00:00:00%2B08:00"
    client = Client()
    client.force_login(labmate)
    with CaptureQueriesContext(connection) as seen:
        events = client.get("&".join([address, *hundred])).json()["events"]
        asked = len(seen)
    calendar = seconds(lambda: client.get("&".join([address, *hundred])), times=5)
    rows += [
        ("calendar of 100 instruments, one week: events", "5,000", len(events)),
        ("its statements", "≤ 6", asked),
        ("its time", "reported", f"{calendar * 1000:.0f} ms"),
    ]
    set_hours(centre, EVERY_DAY)
    Instrument.objects.bulk_create(
        Instrument(facility=centre, slug=f"j{n}", name_zh=f"仪器 {n}", sharing=EVERYONE) for n in range(1800)
    )
    many = seconds(openings, times=5)
    rows.append(("openings/ at 2,000 instruments", "≤ 10 × of 200", f"{many * 1000:.1f} ms, {many / few:.1f} ×"))
    show("Looking over the city, 200 and 2,000 instruments", rows)
    assert asked <= 6


@pytest.mark.django_db
def test_reading_does_not_grow(centre, researcher, nine, show):  # noqa: F811
    own = instrument(centre)
    for n in range(49):
        instrument(centre, f"i{n}")
    week, hour = Interval(nine, nine + 7 * DAY), Interval(nine, nine + DAY / 24)
    reads = {
        "a week of one instrument": Claim.objects.filter(instrument=own).overlapping(week).order_by("starts_at"),
        "the rivals of a wish": Claim.objects.filter(instrument=own, unit=1).overlapping(hour).order_by("starts_at"),
        "my bookings": Booking.objects.of(researcher).order_by("-starts_at")[:25],
        "a page of the list": Booking.objects.order_by("-created_at", "-id")[:100],
    }
    small = fill(researcher, first=nine - 13 * DAY, last=nine + 20 * DAY)
    before = {name: (pages_of(read), seconds(lambda read=read: list(read.all()))) for name, read in reads.items()}
    big = small + fill(researcher, first=nine + 21 * DAY, last=nine + 21 * DAY + 4 * DAYS_BEFORE * DAY)
    grown: dict[str, float] = {}
    rows = [("bookings", "20,000 → 1,000,000", f"{small:,} → {big:,}")]
    for name, read in reads.items():
        pages, taken = pages_of(read), seconds(lambda read=read: list(read.all()))
        was, took = before[name]
        rows.append((name, "≤ 1.25 × pages", f"{was} → {pages} pages, time {taken / took:.2f} ×"))
        grown[name] = pages / was
    show("Growth of what reading costs", rows)
    assert max(grown.values()) <= 1.25
