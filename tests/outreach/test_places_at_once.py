"""Many at once for few places: nobody too many, the line in order, each place offered once; and the guards are seen.

The full counts (500 racers for 20 places, 1,000 cancellations) are run by `./portal prove youth`.
"""

from __future__ import annotations

import time
from collections import Counter
from unittest.mock import patch

import pytest
from django.db import connection

from common.errors import Refused
from outreach import services
from outreach.models import Enrolment, Session
from outreach.querysets import SessionQuerySet
from outreach.rules import objections_to_enrolment
from outreach.services.turn import count
from outreach.states import HOLDS_PLACE
from outreach.states import EnrolmentState as E
from tests import factories
from tests.bookings.test_races import at_once
from tests.outreach import situations
from tests.outreach.situations import child_of

pytestmark = pytest.mark.django_db(transaction=True)
RACERS, PLACES, CANCELLATIONS = 20, 3, 12


def racers(count):
    """So many families, each with a child."""
    families = [factories.person(f"family{n}") for n in range(count)]
    return [(each, child_of(each, name=f"孩子{n}")) for n, each in enumerate(families)]


def wishes(session, families):
    return [lambda who=who, child=child: services.enrol(session.pk, by=who, child=child) for who, child in families]


def states(session):
    return Counter(Enrolment.objects.filter(session=session).values_list("state", flat=True))


def faults_of(session, *, places, came):
    """What is wrong with the places and the line of a session, for which `came` families came."""
    session = Session.objects.get(pk=session.pk)
    rows = list(Enrolment.objects.filter(session=session).order_by("place_in_line"))
    holding = [each for each in rows if each.state in HOLDS_PLACE]
    waiting = [each for each in rows if each.state == E.WAITLISTED]
    faults = []
    if len(rows) != came or [each.place_in_line for each in rows] != list(range(1, came + 1)):
        faults.append(f"the line has {len(rows)} numbers for {came} families")
    if len(holding) != min(places, came) or session.taken != len(holding):
        faults.append(f"{len(holding)} hold a place, {session.taken} are counted, there are {places}")
    if holding and waiting and max(each.place_in_line for each in holding) > min(e.place_in_line for e in waiting):
        faults.append("somebody who came later holds a place before somebody who waits")
    return faults


def test_3_places_and_20_racers_are_3_places_and_17_in_order(session):
    results = at_once(wishes(session, racers(RACERS)))

    assert [each for each in results if not isinstance(each, Enrolment)] == []
    assert states(session) == {E.AWAITING_CONSENT: PLACES, E.WAITLISTED: RACERS - PLACES}
    assert faults_of(session, places=PLACES, came=RACERS) == []


def test_without_the_lock_the_same_race_goes_wrong(session):
    """The negative control: who looks without holding the session sees a place that somebody else is taking."""

    def look_only(query, pk):
        return query.select_related("programme__organisation").get(pk=pk)

    def slowly(*given, **more):
        time.sleep(0.05)
        return objections_to_enrolment(*given, **more)

    with (
        patch.object(SessionQuerySet, "lock", look_only),
        patch("outreach.services.enrol.objections_to_enrolment", slowly),
    ):
        at_once(wishes(session, racers(8)))

    assert faults_of(session, places=PLACES, came=8)


def test_without_the_lock_the_database_still_lets_nobody_too_many_in(session):
    """And without its constraint it would not: what is for manners, and what is for truth."""
    with pytest.raises(Refused) as refused:
        count(session, PLACES + 1)
    assert refused.value.refusals[0].code == "full"
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE outreach_session DROP CONSTRAINT session_not_overfull")
    try:
        count(session, PLACES + 1)
        assert Session.objects.get(pk=session.pk).taken > PLACES
    finally:
        Session.objects.filter(pk=session.pk).update(taken=0)
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE outreach_session ADD CONSTRAINT session_not_overfull CHECK (taken <= places)")


def test_12_cancellations_at_once_offer_12_places_in_order_and_none_twice(session):
    Session.objects.filter(pk=session.pk).update(places=CANCELLATIONS)
    enrolled = [wish() for wish in wishes(session, racers(2 * CANCELLATIONS))]

    results = at_once(
        [lambda each=each: services.cancel_enrolment(each, by=each.guardian) for each in enrolled[:CANCELLATIONS]]
    )

    assert all(isinstance(each, Enrolment) for each in results)
    offered = Enrolment.objects.filter(session=session, state=E.OFFERED).order_by("offered_at", "place_in_line")
    assert [each.place_in_line for each in offered] == list(range(CANCELLATIONS + 1, 2 * CANCELLATIONS + 1))
    assert Session.objects.get(pk=session.pk).taken == CANCELLATIONS


def test_one_place_is_paid_once_however_often_the_button_is_pressed(session, guardian):
    enrolment = situations.consented(situations.enrolled(session, guardian))

    results = at_once([lambda: services.pay(enrolment, by=guardian, how="simulator")] * 4)

    assert sum(isinstance(each, Enrolment) for each in results) == 1
    assert {each.refusals[0].code for each in results if isinstance(each, Refused)} == {"paid_already"}


def test_a_child_that_is_enrolled_twice_at_once_has_one_place(session, course, coordinator, guardian):
    beside = services.plan_session(course, by=coordinator, interval=session.interval, places=3)
    Session.objects.filter(pk=beside.pk).update(state="published", published_at=session.published_at)
    child = child_of(guardian)

    results = at_once([lambda on=on: services.enrol(on.pk, by=guardian, child=child) for on in (session, beside)] * 2)

    assert sum(isinstance(each, Enrolment) for each in results) == 1
    assert Enrolment.objects.count() == 1


def test_two_sessions_at_once_do_not_share_a_mentor(session, course, coordinator, nine):
    mentor = session.assignments.get().mentor
    others = [services.plan_session(course, by=coordinator, interval=session.interval, places=3) for _n in range(2)]

    results = at_once([lambda on=on: services.assign(on, mentor, by=coordinator) for on in others])

    assert {each.refusals[0].code for each in results if isinstance(each, Refused)} == {"mentor_busy"}
    assert mentor.assignments.count() == 1
