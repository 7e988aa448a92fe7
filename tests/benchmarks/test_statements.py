"""The statements that G2, G5, G7 and G11 speak of, counted in this process; G9's is counted beside its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from tests.benchmarks.rounds import BOOKINGS
from tests.factories import booked, fresh_key, signed_in
from tests.test_list_costs import asked_of, more

HOUR = timedelta(hours=1)


@pytest.mark.django_db
def test_speed_in_statements(open_instrument, centre, researcher, manager, nine, statements, show):
    own, client = open_instrument("own"), signed_in(Client(), researcher)
    for n in range(38):
        booked(own, at=nine + n * 1.5 * HOUR, by=researcher)

    def counted(act) -> int:
        act()  # what is asked once a process or a connection is not counted
        with statements() as seen:
            act()
        return len(seen)

    hours = iter(range(100, 200))

    def book() -> None:
        start = nine + next(hours) * HOUR
        wish = {"instrument": "own", "start": start.isoformat(), "end": (start + HOUR).isoformat()}
        key = {"Idempotency-Key": fresh_key()}
        assert client.post(BOOKINGS, wish, content_type="application/json", headers=key).status_code == 201

    def read(path: str, **query: object) -> None:
        assert client.get(f"/api/v1/{path}", query).status_code == 200

    week = {"from": nine.isoformat(), "to": (nine + 168 * HOUR).isoformat(), "instrument": "own"}
    figures = {
        "G2": ("POST booking, sign-in among them", 12, 9, counted(book)),
        "G5": ("week of one instrument, 38 events", 6, "", counted(lambda: read("calendar/", **week))),
        "G7": ("API page of 100", 5, "", counted(lambda: read("bookings/", limit=100))),
    }
    chief = signed_in(Client(), manager)
    more(centre, own, researcher, nine + 1000 * HOUR, 0, 10)
    few = asked_of(chief, statements, nine)
    more(centre, own, researcher, nine + 1000 * HOUR, 10, 200)
    many = asked_of(chief, statements, nine)
    dearer = {name: count - few[name] for name, count in many.items() if count > few[name]}

    rows = [
        (f"{goal} {what}", f"≤ {most}", f"≤ {stretch}" if stretch else "", "", n)
        for goal, (what, most, stretch, n) in figures.items()
    ]
    rows.append(
        (
            "G11 pages and endpoints without arguments",
            "equal at 10 and 200 rows",
            "",
            "",
            f"{len(many)}, of which dearer: {', '.join(f'{name} +{n}' for name, n in dearer.items()) or 'none'}",
        )
    )
    show("G2, G5, G7, G11: statements", rows)
    assert all(n <= most for _what, most, _stretch, n in figures.values())
    assert sum(dearer.values()) <= 1  # the inbox says how many more there are
