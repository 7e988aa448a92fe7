"""When each instrument is free for the first time: the mark on every row."""

from datetime import timedelta

import pytest

from bookings.services import first_free
from instruments.models import Instrument
from tests import factories
from tests.conftest import HOUR

pytestmark = pytest.mark.django_db


def first(instrument, now):
    [found] = first_free(Instrument.objects.filter(pk=instrument.pk), now=now)
    return found


def test_an_open_and_empty_instrument_is_free_now_until_it_closes(xrd, nine):
    found = first(xrd, nine)
    assert found.is_now
    assert found.interval.start == nine


def test_a_held_one_is_free_when_the_booking_ends(xrd, researcher, nine):
    factories.booked(xrd, by=researcher, at=nine, hours=2)
    found = first(xrd, nine)
    assert not found.is_now
    assert found.interval.start >= nine + 2 * HOUR


def test_a_gap_shorter_than_the_shortest_booking_does_not_count(xrd, researcher, nine):
    factories.booked(xrd, by=researcher, at=nine + HOUR, hours=2)
    from_half_past = first(xrd, nine + timedelta(minutes=59))
    assert from_half_past.interval.start >= nine + 3 * HOUR


def test_the_soonest_comes_first_in_one_statement_for_any_number(centre, researcher, nine, statements):
    many = [factories.instrument(centre, f"many-{n}", needs_approval=False) for n in range(4)]
    factories.booked(many[0], by=researcher, at=nine, hours=3)
    with statements() as counted:
        found = first_free(Instrument.objects.all(), now=nine)
    assert found[-1].instrument == many[0]
    assert len(counted) == 1
