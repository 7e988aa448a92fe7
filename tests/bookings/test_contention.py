"""The portal as it is served, at a small count; `./portal prove contention` runs the full one."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from bookings.services import set_hours
from tests.bookings.test_races import at_once, overlaps
from tests.contention import contend, deadlocks_counted, served
from tests.factories import AROUND_THE_CLOCK, member, token_for
from tests.proofs.bookers import DEADLOCK, what_came_of


@pytest.mark.django_db(transaction=True)
def test_8_clients_on_5_slots_get_one_201_each_and_the_rest_409(university, sem, nine):
    set_hours(sem, AROUND_THE_CLOCK)
    tokens = [token_for(member(f"rival{n}", university)) for n in range(8)]

    with deadlocks_counted() as deadlocks, served() as port:
        outcome = contend(port, tokens=tokens, instrument=sem.slug, first=nine, slots=5)

    assert outcome.winners() == [1] * 5
    assert outcome.others() == {409}
    assert deadlocks.number == 0
    assert overlaps() == 0


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_counted_and_no_booker_takes_it_for_a_lost_connection():
    """The negative control: two that wait for each other; were they not seen, "deadlocks 0" would say nothing."""
    both_have_one = threading.Barrier(2)

    def lock(*keys):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", keys[:1])
            both_have_one.wait(timeout=10)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", keys[1:])

    with deadlocks_counted() as deadlocks:
        ended = [each for each in at_once([lambda: lock(1, 2), lambda: lock(2, 1)]) if each]

    assert deadlocks.number == 1
    assert [type(each) for each in ended] == [OperationalError]
    assert what_came_of(ended[0]).codes == (DEADLOCK,)
    assert what_came_of(OperationalError("the connection was lost")).codes == ()
