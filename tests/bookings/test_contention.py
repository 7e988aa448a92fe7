"""The portal as it is served, at a small count; `./portal prove contention` runs the full one."""

import pytest

from bookings.services import set_hours
from tests.bookings.test_races import overlaps
from tests.contention import contend, served
from tests.factories import AROUND_THE_CLOCK, member, token_for


@pytest.mark.django_db(transaction=True)
def test_8_clients_on_5_slots_get_one_201_each_and_the_rest_409(university, sem, nine):
    set_hours(sem, AROUND_THE_CLOCK)
    tokens = [token_for(member(f"rival{n}", university)) for n in range(8)]

    with served() as port:
        outcome = contend(port, tokens=tokens, instrument=sem.slug, first=nine, slots=5)

    assert outcome.winners() == [1] * 5
    assert outcome.others() == {409}
    assert outcome.deadlocks == 0
    assert overlaps() == 0
