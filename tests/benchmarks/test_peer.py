"""G3, G6, G7: beside NEMO on the same PostgreSQL, round by round."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import count
from urllib.parse import urlencode

import pytest

from tests.benchmarks.peer import peer, provide
from tests.benchmarks.rounds import BOOKINGS, Asking, booker, in_turn, signed_in
from tests.factories import booked

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK, PAGE = 38, 120
pytestmark = pytest.mark.django_db(transaction=True)


def nemo_booker(asking, tool, first):
    """Asks for the next hour; NEMO takes the clock of its own zone for seconds since 1970."""
    hours = count()

    def book():
        start = first.replace(tzinfo=None) + next(hours) * HOUR
        at = [(each - each.__class__(1970, 1, 1)).total_seconds() for each in (start, start + HOUR)]
        wish = {"start": at[0], "end": at[1], "item_type": "tool", "item_id": tool}
        answer = asking.ask("POST", "/create_reservation/", urlencode(wish))
        if answer:
            pytest.fail(
                " ".join(re.sub("<[^>]*>", " ", answer.decode()).split())
            )  # what it refuses it explains, with 200

    return book


def test_speed_beside_nemo(portal, open_instrument, researcher, labmate, manager, nine, show):
    if why := provide():
        show("G3, G6, G7: beside NEMO 8.1.5", [("G3, G6, G7", "", "", "NEMO", f"*not measured*: {why}")])
        pytest.skip(why)
    own, page = open_instrument("sem"), open_instrument("page")
    open_instrument("booked")
    for n in range(WEEK):
        booked(own, at=nine + n * HOUR * 1.5, by=labmate if n % 3 else researcher)
    for n in range(PAGE):
        booked(page, at=nine + n * HOUR, by=labmate)
    span = {"from": f"{nine - DAY:%Y-%m-%dT00:00:00+08:00}", "to": f"{nine + 5 * DAY:%Y-%m-%dT00:00:00+08:00}"}
    week = "/api/v1/calendar/?" + urlencode({**span, "instrument": "sem"})
    with peer(first=nine, week=WEEK, page=PAGE) as nemo:
        mine, admin = signed_in(portal, researcher), signed_in(portal, manager)
        their, chief = (Asking(nemo.port, **nemo.headers(who)) for who in ("member", "chief"))
        member_kept, chief_kept = (Asking(nemo.keeping, **nemo.headers(who)) for who in ("member", "chief"))
        tool = nemo.known["tools"]
        days = {"start": f"{nine - DAY:%Y-%m-%d}", "end": f"{nine + 5 * DAY:%Y-%m-%d}"}
        what = {"event_type": "reservations", "item_type": "tool", "item_id": tool["week"]}
        feed = "/event_feed/?" + urlencode({**days, **what})
        ours_page, their_page = f"{BOOKINGS}?limit=100", "/api/reservations/?page_size=100"
        assert len(json.loads(admin.ask("GET", week))["events"]) == len(json.loads(chief.ask("GET", feed))) == WEEK
        assert len(json.loads(admin.ask("GET", ours_page))["results"]) == 100
        assert len(json.loads(chief.ask("GET", their_page))["results"]) == 100
        taken = in_turn(
            {
                "book": booker(mine, BOOKINGS, nine, slug="booked"),
                "book NEMO": nemo_booker(their, tool["booked"], nine),
                "book NEMO kept": nemo_booker(member_kept, tool["booked"], nine + 20 * DAY),
                "week": lambda: admin.ask("GET", week),
                "week NEMO": lambda: chief.ask("GET", feed),
                "week NEMO kept": lambda: chief_kept.ask("GET", feed),
                "page": lambda: admin.ask("GET", ours_page),
                "page NEMO": lambda: chief.ask("GET", their_page),
                "page NEMO kept": lambda: chief_kept.ask("GET", their_page),
            },
            rounds=12,
            each=5,
        )
    goals = {
        "book": ("G3 POST booking, how much faster", "≥ 5 ×", "≥ 8 ×"),
        "week": (f"G6 week with {WEEK} events, how much faster", "≥ 20 ×", "≥ 35 ×"),
        "page": ("G7 API page of 100, how much faster", "≥ 6 ×", "≥ 10 ×"),
    }
    rows = [
        (
            *words,
            f"NEMO: {taken.milliseconds(f'{what} NEMO')}",
            f"{taken.milliseconds(what)}, {taken.times(f'{what} NEMO', what):.1f} ×",
        )
        for what, words in goals.items()
    ]
    kept = [
        f"{taken.milliseconds(f'{what} NEMO kept')}, {taken.times(f'{what} NEMO kept', what):.1f} ×" for what in goals
    ]
    rows.append(("the same three, NEMO with connections kept", "reported", "", "", "; ".join(kept)))
    show("G3, G6, G7: beside NEMO 8.1.5", rows)
