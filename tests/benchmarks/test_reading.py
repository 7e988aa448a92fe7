"""G5, G8, G9: what it costs to look, at full size, as ratios in one run."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import count
from os import environ
from statistics import median
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import services
from bookings.models import Booking, Claim
from bookings.services import set_hours
from common.interval import Interval
from instruments.models import Instrument
from tests.benchmarks.floor import LATERAL
from tests.benchmarks.peer import anew
from tests.benchmarks.rounds import BOOKINGS, Asking, in_turn, session_of, signed_in
from tests.contention import served, url_of_test_database
from tests.factories import AROUND_THE_CLOCK, EVERY_DAY, EVERYONE, fresh_key, instrument
from tests.growth import fill, pages_of, without_guards

DAY = timedelta(days=1)
INSTRUMENTS = 50
# 400 days are a million claims; JISHI_DAYS=40 shows the way.
DAYS_BEFORE = int(environ.get("JISHI_DAYS", "400"))


@pytest.fixture
def emptied():
    """A million rows go faster so than row by row."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bookings_booking CASCADE")


@pytest.mark.django_db(transaction=True)
def test_reading_openings_and_calendar(centre, researcher, labmate, nine, emptied, portal, floor, show):
    for n in range(199):
        instrument(centre, f"i{n}")
    instrument(centre)
    with without_guards():
        made = fill(researcher, first=nine - DAYS_BEFORE * DAY, last=nine + 17 * DAY)
    window = Interval(nine + DAY / 16, nine + DAY / 2)  # half past ten: free everywhere
    now, length = timezone.now(), timedelta(minutes=30)

    def bare():
        with connection.cursor() as cursor:
            cursor.execute(LATERAL, [window.start + length, window.start])
            cursor.fetchall()

    def openings():
        return services.openings(Instrument.objects.all(), window=window, length=length, now=now)

    mine, bottom = signed_in(portal, labmate), Asking(floor)
    asked = urlencode({"from": window.start.isoformat(), "to": window.end.isoformat(), "minutes": 30})
    hundred = urlencode({"from": f"{nine:%Y-%m-%dT00:00:00+08:00}", "to": f"{nine + 7 * DAY:%Y-%m-%dT00:00:00+08:00}"})
    hundred += "".join(f"&instrument=i{n}" for n in range(100))
    acts = {
        "openings": lambda: mine.ask("GET", f"/api/v1/openings/?{asked}"),
        "floor": lambda: bottom.ask("GET", f"/openings/?{asked}"),
        "service": openings,
        "statement": bare,
        "calendar": lambda: mine.ask("GET", f"/api/v1/calendar/?{hundred}"),
    }
    assert [len(json.loads(acts[who]())["results"]) for who in ("openings", "floor")] == [50, 50]
    events = len(json.loads(acts["calendar"]())["events"])
    assert openings()[0]  # this connection has prepared what it asks
    with CaptureQueriesContext(connection) as seen:
        openings()
    few = in_turn(acts, rounds=9, each=3)
    set_hours(centre, EVERY_DAY)
    Instrument.objects.bulk_create(
        Instrument(facility=centre, slug=f"j{n}", name_zh=f"仪器 {n}", sharing=EVERYONE) for n in range(1800)
    )
    many = in_turn({"openings": acts["openings"], "statement": bare}, rounds=9, each=3)
    grown = median(many.taken["openings"]) / median(few.taken["openings"])
    show(
        "G9: looking over the city, 200 and 2,000 instruments",
        [
            ("G9 claims in the table", "1,000,000", "", "", f"{made:,}"),
            (
                "G9 openings/ at 200 instruments, over HTTP",
                "≤ 1.5 ×",
                "",
                f"a view that gives out the LATERAL's rows: {few.milliseconds('floor')}",
                f"{few.milliseconds('openings')}, {few.times('openings', 'floor'):.1f} ×",
            ),
            (
                "G9 the same without HTTP: policy, hours and holidays of each with it",
                "reported",
                "",
                f"the LATERAL alone: {few.milliseconds('statement')}",
                f"{few.milliseconds('service')}, {few.times('service', 'statement'):.1f} ×",
            ),
            ("G9 its statements", "1", "", "", len(seen)),
            (
                "G9 openings/ at 2,000 instruments",
                "≤ 10 × of 200",
                "",
                few.milliseconds("openings"),
                f"{many.milliseconds('openings')}, {grown:.1f} ×",
            ),
            ("calendar of 100 instruments, a week", "reported", "", f"{events:,} events", few.milliseconds("calendar")),
        ],
    )
    assert len(seen) == 1


@pytest.mark.django_db(transaction=True)
def test_reading_and_booking_do_not_grow(centre, researcher, manager, nine, emptied, show):
    own = instrument(centre, needs_approval=False, horizon_days=365)
    for n in range(INSTRUMENTS - 1):
        instrument(centre, f"i{n}")
    set_hours(own, AROUND_THE_CLOCK)
    week, hour = Interval(nine, nine + 7 * DAY), Interval(nine, nine + DAY / 24)
    reads = {
        "a week of one instrument": Claim.objects.filter(instrument=own).overlapping(week).order_by("starts_at"),
        "the rivals of a wish": Claim.objects.filter(instrument=own, unit=1).overlapping(hour).order_by("starts_at"),
        "my bookings": Booking.objects.of(researcher).order_by("-starts_at")[:25],
        "a page of the list": Booking.objects.order_by("-created_at", "-id")[:100],
    }
    small = fill(researcher, first=nine - 13 * DAY, last=nine + 20 * DAY)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # a copy of a database takes along what is known of its tables
    before = {name: pages_of(read) for name, read in reads.items()}
    here, sessions = connection.settings_dict["NAME"], [session_of(each) for each in (researcher, manager)]
    connection.close()
    with anew("small", template=here):
        with without_guards():
            big = small + fill(researcher, first=nine + 21 * DAY, last=nine + 21 * DAY + 4 * DAYS_BEFORE * DAY)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM bookings_booking, bookings_claim")
        after = {name: pages_of(read) for name, read in reads.items()}
        there = url_of_test_database().rpartition("/")[0] + "/small"
        with served() as grown, served(DATABASE_URL=there) as as_it_was:
            taken = in_turn(
                {
                    **{f"{what} big": act for what, act in acts_on(grown, sessions, nine).items()},
                    **{f"{what} small": act for what, act in acts_on(as_it_was, sessions, nine).items()},
                },
                rounds=11,
                each=4,
            )
    growth = {what: taken.times(f"{what} big", f"{what} small") for what in GROWS}
    rows = [("G8 bookings", "20,000 → 1,000,000", "", f"{small:,}", f"{big:,}")]
    rows += [
        (
            f"G8 {what}, over HTTP",
            "≤ 1.25 ×",
            "≤ 1.1 ×",
            taken.milliseconds(f"{what} small"),
            f"{taken.milliseconds(f'{what} big')}, {growth[what]:.2f} ×",
        )
        for what in GROWS
    ]
    rows += [
        (f"G8 pages of 8 kB: {name}", "≤ 1.25 ×", "≤ 1.1 ×", f"{before[name]}", f"{after[name]}") for name in reads
    ]
    show("G8: growth", rows)
    assert all(after[name] <= before[name] * 1.25 + 8 for name in reads)  # each index is a level deeper


GROWS = ["POST booking", "week", "list", "availability"]


def acts_on(port, sessions, nine):
    """What is asked of a portal with few bookings and of one with many; booked is far from what is there."""
    mine, admin = (Asking(port, **each) for each in sessions)
    span = urlencode({"from": f"{nine:%Y-%m-%dT%H:%M:%S+08:00}", "to": f"{nine + 7 * DAY:%Y-%m-%dT%H:%M:%S+08:00}"})
    hours = count()

    def post():
        start = nine + timedelta(minutes=90) + next(hours) * timedelta(hours=2)
        wish = {"instrument": "sem", "start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
        mine.ask("POST", BOOKINGS, wish, expect=201, **{"Idempotency-Key": fresh_key()})

    asks = [f"/api/v1/calendar/?instrument=sem&{span}", f"{BOOKINGS}?limit=100"]
    asks += [f"/api/v1/instruments/sem/availability/?{span}"]
    reads = {what: lambda path=path: admin.ask("GET", path) for what, path in zip(GROWS[1:], asks, strict=True)}
    return {"POST booking": post, **reads}
