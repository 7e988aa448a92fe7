"""What a session needs before parents see it, and what happens when it loses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.services import book, cancel, decline, move
from bookings.states import Purpose, State
from common.errors import NotAllowed, Refused, WrongInput
from common.interval import Interval
from instruments.models import Instrument
from instruments.states import Status
from notifications.models import Mail
from outreach import services
from outreach.models import Mentor, Programme, Session
from tests import factories
from tests.outreach import situations
from tests.outreach.situations import DAY, HOUR, consented, enrolled


def missing(session: Session, by) -> set[str]:
    with pytest.raises(Refused) as refused:
        services.publish(Session.objects.get(pk=session.pk), by=by)
    return {each.code for each in refused.value.refusals}


def test_an_empty_session_is_told_all_that_is_missing_at_once(course, coordinator, nine):
    bare = services.plan_session(course, by=coordinator, interval=Interval(nine, nine + HOUR), places=9)
    Programme.objects.update(emergency_phone="", refund_table=[])

    assert missing(bare, coordinator) == {"no_instrument", "too_few_mentors", "no_safety_officer", "not_told"}


def test_sixteen_children_need_two_mentors(course, coordinator, nine):
    planned = situations.planned(course, by=coordinator, at=nine, places=16)
    assert services.publish(planned, by=coordinator).state == "published"

    with pytest.raises(Refused, match="too_few_mentors"):
        services.unassign(planned.assignments.first(), by=coordinator)
    with pytest.raises(Refused, match="too_few_mentors"):
        services.set_places(planned, by=coordinator, places=31)
    assert planned.assignments.count() == 2


@pytest.mark.parametrize(("age", "is_good"), [(0, True), (362, True), (363, False), (None, False)])
def test_a_background_check_counts_for_a_year_on_the_day_of_the_session(course, coordinator, nine, age, is_good):
    planned = situations.planned(course, by=coordinator, at=nine)
    checked = None if age is None else nine.date() - timedelta(days=3 + age)
    Mentor.objects.update(checked_on=checked)

    if is_good:
        services.publish(planned, by=coordinator)
    else:
        assert missing(planned, coordinator) == {"mentor_not_checked", "too_few_mentors"}


def test_a_check_that_has_lapsed_keeps_places_from_being_confirmed(session, guardian):
    enrolment = enrolled(session, guardian)
    Mentor.objects.update(checked_on=timezone.localdate() - 400 * DAY)

    with pytest.raises(Refused, match="too_few_mentors"):
        consented(enrolment)


def test_an_instrument_must_be_fit_for_the_youngest(course, coordinator, afm, nine):
    planned = situations.planned(course, by=coordinator, at=nine)

    Instrument.objects.filter(pk=afm.pk).update(youth_age_from=10)
    assert missing(planned, coordinator) == {"too_young_for_instrument"}
    Instrument.objects.filter(pk=afm.pk).update(youth_age_from=None, fit_for_youth=False)
    assert missing(planned, coordinator) == {"not_fit_for_youth"}


def test_what_needs_approval_is_asked_for_and_counts_when_it_is_confirmed(centre, course, coordinator, manager, nine):
    situations.youth_instrument(centre, "second", needs_approval=True)
    planned = situations.planned(course, by=coordinator, at=nine)
    need = services.claim_time(planned, by=coordinator, slug="second")

    assert (need.booking.state, need.booking.purpose) == (State.REQUESTED, Purpose.OUTREACH)
    assert missing(planned, coordinator) == {"instrument_missing"}
    decline(need.booking, by=manager, reason="当天检修")
    assert missing(planned, coordinator) == {"instrument_missing"}
    services.drop_need(need, by=coordinator)
    services.publish(planned, by=coordinator)


def test_time_that_is_taken_is_not_held_twice(course, coordinator, researcher, afm, nine):
    book(afm.slug, by=researcher, interval=Interval(nine, nine + HOUR))

    with pytest.raises(Refused, match="slot_taken"):
        situations.planned(course, by=coordinator, at=nine)


def test_only_the_laboratory_and_its_institutions_coordinators_hold_time(course, coordinator, stranger, nine):
    west = factories.university(name_zh="西海大学")
    situations.youth_instrument(factories.laboratory(west, "west"), "away")
    planned = situations.planned(course, by=coordinator, at=nine)

    with pytest.raises(NotAllowed):
        services.claim_time(planned, by=coordinator, slug="away")
    with pytest.raises(NotAllowed):
        services.claim_time(planned, by=stranger, slug="afm")


def test_nobody_but_the_course_moves_or_cancels_its_time_except_for_safety(session, coordinator, manager, nine):
    booking = session.needs.get().booking

    for somebody in (coordinator, manager):
        with pytest.raises(NotAllowed):
            cancel(booking, by=somebody, reason="x")
    with pytest.raises(NotAllowed):
        move(booking, by=coordinator, interval=Interval(nine + DAY, nine + DAY + HOUR))
    with pytest.raises(NotAllowed):
        cancel(booking, by=coordinator, reason="x", for_safety=True)
    assert cancel(booking, by=manager, reason="漏气", for_safety=True).state == State.CANCELLED


def test_a_session_that_lost_its_time_is_flagged_once_and_its_coordinators_told(session, coordinator, manager):
    now = timezone.now()
    assert services.watch_sessions(now=now) == 0

    cancel(session.needs.get().booking, by=manager, reason="漏气", for_safety=True)
    assert [services.watch_sessions(now=now) for _n in range(2)] == [1, 0]

    session.refresh_from_db()
    assert session.flagged_at
    assert Mail.objects.filter(event="youth_session_flagged", reader_id=coordinator.pk).count() == 1
    services.claim_time(session, by=coordinator, slug="afm")
    services.drop_need(session.needs.order_by("pk").first(), by=coordinator)
    services.watch_sessions(now=now)
    session.refresh_from_db()
    assert session.flagged_at is None


def test_an_instrument_that_breaks_flags_its_session(session, afm):
    Instrument.objects.filter(pk=afm.pk).update(status=Status.MAINTENANCE)

    assert services.watch_sessions(now=timezone.now()) == 1


def test_a_cancelled_session_gives_everything_back(session, coordinator, guardian):
    booking = session.needs.get().booking
    enrolment = enrolled(session, guardian)

    services.cancel_session(session, by=coordinator, reason="台风")

    booking.refresh_from_db()
    enrolment.refresh_from_db()
    assert (booking.state, enrolment.state, session.assignments.count()) == (State.CANCELLED, "cancelled", 0)
    assert not booking.claims.exists()
    with pytest.raises(Refused, match="wrong_state"):
        services.publish(session, by=coordinator)


def test_more_places_are_offered_to_those_who_wait(session, coordinator, guardian):
    waiting = [enrolled(session, guardian, name=f"孩子{n}") for n in range(5)][3:]

    services.set_places(session, by=coordinator, places=4)

    states = [type(each).objects.get(pk=each.pk).state for each in waiting]
    assert states == ["offered", "waitlisted"]


def test_fewer_places_than_are_taken_are_refused(session, coordinator, guardian):
    for n in range(2):
        enrolled(session, guardian, name=f"孩子{n}")

    with pytest.raises(Refused, match="fewer_than_taken"):
        services.set_places(session, by=coordinator, places=1)


def test_who_cancels_later_cannot_get_more_back(course, coordinator):
    table = [{"days_before": 7, "percent": 50}, {"days_before": 2, "percent": 100}]

    with pytest.raises(WrongInput, match="refund_table"):
        services.write_programme(course.organisation, by=coordinator, programme=course, refund_table=table)


def test_strangers_neither_plan_nor_publish(session, course, stranger, guardian, nine):
    for somebody in (stranger, guardian):
        with pytest.raises(NotAllowed):
            services.plan_session(course, by=somebody, interval=session.interval, places=3)
        with pytest.raises(NotAllowed):
            services.cancel_session(session, by=somebody, reason="x")
