"""G2, G4, G5 and G9 over HTTP: what the portal costs beside the least that a Django view can do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db.models import Count

from bookings.models import Booking
from tests.benchmarks.rounds import BOOKINGS, EACH, ROUNDS, WARM, Asking, booker, in_turn, signed_in
from tests.factories import booked

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db(transaction=True)


def test_speed_of_booking(portal, floor, open_instrument, researcher, labmate, nine, show):
    for slug in ("ours", "theirs", "taken"):
        own = open_instrument(slug)
    for n in range(200):
        booked(own, at=nine + n * HOUR, by=labmate)
    mine = signed_in(portal, researcher)
    booker(mine, BOOKINGS, nine, slug="taken", expect=409)()
    taken = in_turn(
        {
            "booking": booker(mine, BOOKINGS, nine, slug="ours"),
            "floor": booker(Asking(floor), "/bookings/", nine, slug="theirs"),
            "refusal": booker(mine, BOOKINGS, nine, slug="taken", expect=409),
        }
    )
    made = Booking.objects.values_list("instrument__slug").annotate(n=Count("pk")).order_by()
    # Each answer is a row, and no refusal is one (the floor writes into a table of its own).
    assert dict(made) == {"ours": WARM + ROUNDS * EACH, "taken": 200}
    cost, gain = taken.times("booking", "floor"), taken.times("booking", "refusal")
    show(
        "G2, G4: booking, and refusing a taken slot",
        [
            (
                "G2 POST booking (session, permission, rules, history, outbox)",
                "≤ 4 ×",
                "≤ 2.5 ×",
                f"lock + ORM insert: {taken.milliseconds('floor')}",
                f"{taken.milliseconds('booking')}, {cost:.2f} ×",
            ),
            (
                "G4 refusing a taken slot, with alternatives: how much faster than a booking",
                "≥ 1.0 ×",
                "≥ 1.5 ×",
                f"booking: {taken.milliseconds('booking')}",
                f"{taken.milliseconds('refusal')}, {gain:.2f} ×",
            ),
        ],
    )


@pytest.mark.parametrize("events", [38, 100])
def test_speed_of_a_week(portal, floor, open_instrument, researcher, labmate, manager, nine, show, events):
    own = open_instrument("sem")
    for n in range(events):
        booked(own, at=nine + n * HOUR * 1.5, hours=1, by=labmate if n % 3 else researcher)
    span = {"from": nine - DAY, "to": nine + 6.5 * DAY}
    query = "&".join([f"{name}={at:%Y-%m-%dT%H:%M:%S%%2B08:00}" for name, at in span.items()] + ["instrument=sem"])
    mine, theirs = signed_in(portal, manager), Asking(floor)
    acts = {
        "week": lambda: mine.ask("GET", f"/api/v1/calendar/?{query}"),
        "floor": lambda: theirs.ask("GET", f"/week/?{query}"),
    }
    seen = [len(json.loads(act())["events"]) for act in acts.values()]
    assert seen == [events, events]
    taken = in_turn(acts, each=10)
    show(
        f"G5: the week of an instrument, {events} events",
        [
            (
                f"G5 week of one instrument, {events} events",
                "≤ 2 ×",
                "≤ 1.3 ×",
                f"plain view: {taken.milliseconds('floor')}",
                f"{taken.milliseconds('week')}, {taken.times('week', 'floor'):.2f} ×",
            )
        ],
    )
