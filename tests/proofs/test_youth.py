"""Trust 21 to 24 and 33, 34: places in order, offers in order, nothing without consent or mentors, nothing readable."""

from __future__ import annotations

import time
from datetime import timedelta
from random import Random
from unittest.mock import patch

import pytest
from django.utils import timezone

from common import sealed
from common.errors import Refused
from outreach import services
from outreach.models import Child, Enrolment, Mentor, Session
from outreach.states import IS_CONFIRMED, SessionState
from outreach.states import EnrolmentState as E
from tests.bookings.test_races import at_once
from tests.outreach import situations
from tests.outreach.conftest import afm, coordinator, course, guardian  # noqa: F401 (fixtures)
from tests.outreach.test_places_at_once import faults_of, racers, states, wishes
from tests.outreach.test_sealed import in_clear, rows_of_everything

PLACES, RACERS, AT_ONCE, CANCELLATIONS, CHILDREN = 20, 500, 25, 1000, 200
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def big(course, coordinator, nine):  # noqa: F811
    return situations.published(course, by=coordinator, at=nine + timedelta(days=20), places=PLACES)


def in_waves(acts):
    """All of them, so many at the same moment: a machine has only so many connections."""
    return [each for n in range(0, len(acts), AT_ONCE) for each in at_once(acts[n : n + AT_ONCE])]


def test_youth_500_racers_for_20_places(big, show):
    begun = time.monotonic()
    results = in_waves(wishes(big, racers(RACERS)))
    took = time.monotonic() - begun
    failed = [each for each in results if not isinstance(each, Enrolment)]
    counts = states(big)

    show(
        f"{RACERS} racers for {PLACES} places, {AT_ONCE} at the same moment",
        [
            ("places given", PLACES, counts[E.AWAITING_CONSENT]),
            ("on the waitlist, each with the next number", RACERS - PLACES, counts[E.WAITLISTED]),
            ("what is wrong with places or line", 0, len(faults_of(big, places=PLACES, came=RACERS))),
            ("racers who were told something else", 0, len(failed)),
            ("all of them", "reported", f"{took:.1f} s"),
        ],
    )
    assert failed == []
    assert faults_of(big, places=PLACES, came=RACERS) == []


def test_youth_1000_cancellations_offer_in_order(big, show):
    """People come, and go, in waves; whoever is offered a place came before everybody who still waits."""
    random, doubled, out_of_order, offers = Random(2026), 0, 0, 0
    families = racers(60)
    gone = 0
    with patch("outreach.services.news.tell"):  # forty thousand mails are no part of this
        in_waves(wishes(big, families))
        while gone < CANCELLATIONS:
            holding = list(Enrolment.objects.filter(session=big).holding())
            leaving = random.sample(holding, min(len(holding), 10))
            came_back = [(each.guardian, each.child) for each in leaving]
            results = at_once([lambda each=each: services.cancel_enrolment(each, by=each.guardian) for each in leaving])
            gone += sum(isinstance(each, Enrolment) for each in results)
            at_once(wishes(big, came_back))
            rows = Enrolment.objects.filter(session=big)
            taken, session = rows.holding().count(), Session.objects.get(pk=big.pk)
            doubled += taken != PLACES or session.taken != PLACES
            last = rows.exclude(offered_at=None).order_by("-place_in_line").values_list("place_in_line", flat=True)
            first = rows.in_line().values_list("place_in_line", flat=True).first()
            out_of_order += bool(last and first and last[0] > first)
    offers = Enrolment.objects.exclude(offered_at=None).count()

    show(
        f"{CANCELLATIONS} cancellations, ten at the same moment",
        [
            ("cancellations", CANCELLATIONS, gone),
            ("places offered to the next in line", gone, offers),
            ("times that somebody was offered a place before who came earlier", 0, out_of_order),
            ("times that a place was held by two, or by nobody", 0, doubled),
        ],
    )
    assert (out_of_order, doubled) == (0, 0)
    assert offers == gone


def test_youth_nothing_without_consent_and_mentors(course, coordinator, guardian, nine, show):  # noqa: F811
    """Random acts, in a random order: no confirmed place lacks the consent, no published session lacks mentors."""
    random, acts = Random(24), 0
    sessions = [
        situations.planned(course, by=coordinator, at=nine + timedelta(days=n), places=18, hours=2) for n in range(4)
    ]
    unconfirmed = unsafe = refused = 0
    for _n in range(600):
        session = random.choice(sessions)
        acts += 1
        try:
            _act(random, session, coordinator, guardian)
        except Refused:
            refused += 1
        unconfirmed += Enrolment.objects.filter(state__in=sorted(IS_CONFIRMED)).exclude(consent__given=True).count()
        for each in Session.objects.filter(state=SessionState.PUBLISHED):
            wanted = -(-each.places // course.children_per_mentor)
            checked = each.assignments.filter(mentor__checked_on__gte=each.first_day - timedelta(days=365))
            unsafe += checked.count() < wanted

    show(
        "600 random acts of coordinators and guardians",
        [
            ("confirmed places without a guardian's consent", 0, unconfirmed),
            ("published sessions with too few checked mentors", 0, unsafe),
            ("acts that were refused", "reported", refused),
            ("places confirmed", "reported", Enrolment.objects.filter(state__in=sorted(IS_CONFIRMED)).count()),
        ],
    )
    assert (unconfirmed, unsafe) == (0, 0)
    assert 0 < refused < acts


def _act(random, session, by, family):
    session.refresh_from_db()
    waiting = list(session.enrolments.filter(state__in=[E.OFFERED, E.AWAITING_CONSENT]))
    acts = [
        lambda: services.publish(session, by=by),
        lambda: services.enrol(session.pk, by=family, child=situations.child_of(family)),
        lambda: services.unassign(session.assignments.first(), by=by) if session.assignments.exists() else None,
        lambda: [services.assign(session, each, by=by) for each in Mentor.objects.all()],
        lambda: services.set_places(session, by=by, places=random.randint(1, 40)),
        lambda: services.publish_consent_text(session.programme, by=by, text_zh="x"),
        lambda: situations.consented(random.choice(waiting)) if waiting else None,
        lambda: services.cancel_enrolment(random.choice(waiting), by=family) if waiting else None,
    ]
    if session.state == SessionState.DRAFT and random.random() < 0.5:
        return services.publish(session, by=by)
    try:
        return random.choice(acts)()
    except Session.DoesNotExist:
        return None


def test_youth_canaries_of_200_children(big, coordinator, guardian, show):  # noqa: F811
    """Names, numbers and health are in no row; when the clock has run out, no backup opens any more."""
    Session.objects.filter(pk=big.pk).update(places=CHILDREN)
    with patch("outreach.services.enrol.room_for", lambda _facts: CHILDREN):
        for n in range(CHILDREN):
            enrolment = situations.consented(situations.enrolled(big, guardian, name=f"{situations.NAME}{n}"))
            services.say_health(enrolment.child, by=guardian, text="花生过敏")
    readable = in_clear(rows_of_everything())
    backup = {each.pk: (bytes(each.identity), bytes(each.health)) for each in Child.objects.all()}
    services.cancel_session(big, by=coordinator, reason="x")
    services.erase_due(today=timezone.localdate())
    opened = 0
    for child, copies in backup.items():
        for purpose, copy in zip(("identity", "health"), copies, strict=True):
            try:
                sealed.unseal(child, purpose, copy)
                opened += 1
            except sealed.Unreadable:
                pass

    show(
        f"canaries of {CHILDREN} children",
        [
            ("canaries readable in a dump of every table", 0, len(readable)),
            ("children erased when the clock had run out", CHILDREN, Child.objects.exclude(erased_at=None).count()),
            ("sealed values of an older backup that opened afterwards", 0, opened),
            ("counts that survived", CHILDREN, sum(Session.objects.get(pk=big.pk).counts.values())),
        ],
    )
    assert (readable, opened) == ([], 0)
