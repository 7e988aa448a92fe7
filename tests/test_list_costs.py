"""G11: no page and no endpoint asks more of the database because there are more rows to show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Claim
from bookings.states import State
from instruments.models import Instrument
from notifications.services import tell
from tests.factories import EVERYONE, instrument, signed_in
from tests.test_permissions import routes

HOUR = timedelta(hours=1)
# What answers in another way than by a list, or asks the network, the disk or a queue.
LEFT_OUT = {"metrics", "ready", "live", "api_schema", "api_docs", "account_logout", "account_reauthenticate"}


# Where there is more than is shown, it says how much: one statement, for any number.
COUNTS_THE_REST = {"inbox"}


def more(centre: Any, sem: Any, user: Any, nine: Any, first: int, last: int) -> None:
    """Instruments, requests and bookings of one person, and notices, numbered from `first` up to `last`."""
    known = range(first, last)
    Instrument.objects.bulk_create(
        Instrument(facility=centre, slug=f"n{n}", name_zh=f"仪器 {n}", sharing=EVERYONE) for n in known
    )
    made = Booking.objects.bulk_create(
        Booking(
            instrument=sem, user=user, booked_by=user, starts_at=nine + n * HOUR, ends_at=nine + (n + 1) * HOUR,
            state=State.REQUESTED if n % 2 else State.CONFIRMED, expires_at=nine + n * HOUR if n % 2 else None,
        )
        for n in known
    )  # fmt: skip
    Claim.objects.bulk_create(
        Claim(booking=each, instrument=sem, starts_at=each.starts_at, ends_at=each.ends_at) for each in made
    )
    for each in made[:10]:
        tell("booking_confirmed", to=[user], about=each)


def asked_of(client: Client, statements: Any, nine: Any) -> dict[str, int]:
    """How many statements each address without arguments takes that answers with 200."""
    span = {"from": nine.isoformat(), "to": (nine + 240 * HOUR).isoformat(), "facility": "centre", "limit": 100}
    found = {}
    for name in sorted({name for name, arguments in routes() if not arguments} - LEFT_OUT):
        client.get(reverse(name), span)  # what is asked once a process or kept for a while is not counted
        with statements() as counted:
            answer = client.get(reverse(name), span)
        if answer.status_code == 200:
            found[name] = len(counted)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["manager", "researcher"])
def test_every_list_costs_the_same_at_10_and_at_200_rows(request, centre, nine, statements, who):
    reader = request.getfixturevalue(who)
    sem = instrument(centre)
    client = signed_in(Client(), reader)
    more(centre, sem, reader, nine, 0, 10)
    few = asked_of(client, statements, nine)
    more(centre, sem, reader, nine, 10, 200)

    many = asked_of(client, statements, nine)

    expected = {name: count + (name in COUNTS_THE_REST and who == "manager") for name, count in few.items()}
    grown = {name: (expected.get(name), count) for name, count in many.items() if count != expected.get(name)}
    assert len(many) > 30
    assert not grown
