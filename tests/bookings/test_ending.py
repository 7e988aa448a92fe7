"""Retiring an instrument and merging two records of one: everything has its consequence, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from bookings import services
from bookings.models import Booking, Claim, Training
from bookings.states import CancelledAs, State
from common.errors import NotAllowed, Refused
from common.interval import Interval
from instruments.models import TestItem
from instruments.states import Status
from notifications.models import Mail
from tests.factories import booked, instrument, laboratory, university

HOUR = timedelta(hours=1)


@pytest.fixture
def twin(centre):
    return instrument(centre, "twin")


def test_retiring_shows_and_cancels_what_is_coming_and_tells_each_person_why(browse, manager, researcher, sem, nine):
    booking = booked(sem, at=nine, by=researcher)
    page = browse(manager).get("/instruments/sem/retire/")

    browse(manager).post("/instruments/sem/retire/", {"reason": "镜筒老化"})

    booking.refresh_from_db()
    sem.refresh_from_db()
    assert researcher.name in page.content.decode()
    assert (booking.state, booking.cancelled_as, sem.status) == (State.CANCELLED, CancelledAs.BY_LAB, Status.RETIRED)
    assert "镜筒老化" in Mail.objects.get(event="booking_cancelled", reader=researcher).body
    assert not Claim.objects.exists()
    assert sem.decommissioned_on


def test_retiring_needs_a_reason_and_the_right_and_an_instrument_that_nobody_uses(
    browse, manager, researcher, sem, nine
):
    booking = booked(sem, at=nine, by=researcher)

    assert browse(manager).post("/instruments/sem/retire/", {"reason": " "}).status_code == 400
    assert browse(researcher).get("/instruments/sem/retire/").status_code == 403
    with pytest.raises(NotAllowed):
        services.retire(sem, by=researcher, reason="x")
    with time_machine.travel(nine + timedelta(minutes=5)):
        services.check_in(booking, by=researcher)
        with pytest.raises(Refused, match="in_use"):
            services.retire(sem, by=manager, reason="x")


def test_merging_hands_everything_over_and_the_old_address_leads_to_the_new(
    browse, manager, researcher, labmate, centre, sem, twin, nine
):
    booking = booked(sem, at=nine, by=researcher)
    for who, on, level in ((researcher, sem, 2), (researcher, twin, 1), (labmate, sem, 1), (labmate, twin, 2)):
        services.grant_training(who, on=on, by=manager, level=level)
    item = TestItem.objects.create(slug="item", facility=centre, name_zh="形貌", purpose_zh="看形貌")
    item.instruments.add(sem)
    fault = services.report_fault(sem, by=researcher, severity="minor", text="x")

    page = browse(manager).get("/instruments/sem/merge/", {"into": "twin"})
    browse(manager).post("/instruments/sem/merge/", {"into": "twin"})

    for each in (booking, sem, fault):
        each.refresh_from_db()
    assert page.context["would"].bookings == 1
    assert (booking.instrument, Claim.objects.get().instrument, fault.instrument) == (twin, twin, twin)
    assert {(each.user, each.instrument, each.level) for each in Training.objects.all()} == {
        (researcher, twin, 2),
        (labmate, twin, 2),
    }
    assert set(item.instruments.all()) == {sem, twin}
    assert (sem.status, sem.merged_into) == (Status.RETIRED, twin)


def test_bookings_in_each_others_way_hold_a_merge_up(browse, manager, researcher, labmate, sem, twin, nine):
    booked(sem, at=nine, by=researcher)
    booked(twin, at=nine, by=labmate)

    page = browse(manager).get("/instruments/sem/merge/", {"into": "twin"})
    with pytest.raises(Refused) as refused:
        services.merge(sem, into=twin, by=manager)

    assert [each.user for each in page.context["would"].clashing] == [researcher]
    assert refused.value.extra["hits"]
    assert Booking.objects.filter(instrument=sem).count() == 1


def test_time_that_is_over_is_no_hindrance_to_a_merge(manager, researcher, labmate, sem, twin, nine):
    both = [booked(sem, at=nine, by=researcher), booked(twin, at=nine, by=labmate)]

    with time_machine.travel(nine + timedelta(days=2)):
        assert not services.consequences_of_merging(sem, into=twin).clashing
        services.merge(sem, into=twin, by=manager)

    assert set(twin.bookings.all()) == set(both)
    assert [each.booking for each in Claim.objects.filter(instrument=twin)] == both[1:]


def test_only_records_of_one_institution_are_merged(manager, sem):
    elsewhere = instrument(laboratory(university(name_zh="西海大学"), "west"), "other")

    with pytest.raises(NotAllowed):
        services.merge(sem, into=elsewhere, by=manager)
    with pytest.raises(Refused, match="same_instrument"):
        services.merge(sem, into=sem, by=manager)


def test_time_held_for_a_course_is_not_cancelled_by_retiring(manager, researcher, sem, nine):
    services.book("sem", by=manager, interval=Interval(nine, nine + HOUR), held_for="course 1", overrule_because="x")

    with pytest.raises(Refused, match="held_for"):
        services.retire(sem, by=manager, reason="x")
