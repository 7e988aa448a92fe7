"""Whose membership ends leaves bookings of a group behind: they go to its principal investigator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ResearchGroup
from accounts.services import end_membership, end_what_is_over
from bookings.services import pass_on
from bookings.states import State
from notifications.models import Event, Mail, Notice
from tests.conftest import HOUR
from tests.factories import booked, member


@pytest.fixture
def group(university, researcher):
    found = ResearchGroup.objects.create(organisation=university, pi=member("pi", university), name_zh="张课题组")
    found.admissions.create(person=researcher)
    return found


def leave(person):
    end_membership(person.memberships.get(), by=person)


def owners(*bookings):
    for each in bookings:
        each.refresh_from_db()
    return [each.user.name for each in bookings]


def test_a_roster_ends_a_membership_and_what_was_booked_goes_to_the_pi(researcher, group, sem, xrd, nine, browse):
    confirmed = booked(sem, at=nine, by=researcher, group=group, external_ref="LIMS-1")
    requested = booked(xrd, at=nine, by=researcher, group=group, state=State.REQUESTED)
    researcher.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    end_what_is_over(on=timezone.localdate())

    moved = [pass_on(now=timezone.now()) for _twice in range(2)]

    assert moved == [2, 0]
    assert owners(confirmed, requested) == ["pi", "pi"]
    assert (confirmed.external_ref, confirmed.version, confirmed.booked_by) == ("", 2, researcher)
    assert set(Notice.objects.filter(event="booking_passed_on").values_list("reader", flat=True)) == {group.pi.pk}
    mail = Mail.objects.filter(event="booking_passed_on").first()
    assert "researcher 已不再是" in mail.body
    assert Event.objects.filter(kind="booking.changed").count() == 2
    page = browse(group.pi).get(f"/bookings/{confirmed.pk}/")
    assert page.status_code == 200
    assert browse(group.pi).post(f"/bookings/{confirmed.pk}/cancel/").status_code == 302
    confirmed.refresh_from_db()
    assert confirmed.state == State.CANCELLED


def test_what_has_begun_is_over_is_ones_own_or_held_stays_where_it_is(researcher, group, sem, xrd, nine):
    now = timezone.now()
    stays = [
        booked(sem, at=now - HOUR / 2, by=researcher, group=group, state=State.IN_USE),
        booked(sem, at=now - 9 * HOUR, by=researcher, group=group, state=State.COMPLETED),
        booked(sem, at=nine, by=researcher),
        booked(xrd, at=nine, by=researcher, group=group, held_for="order"),
        booked(xrd, at=nine + 2 * HOUR, by=researcher, group=group, state=State.DRAFT, expires_at=nine),
    ]
    leave(researcher)

    assert pass_on(now=now) == 0
    assert set(owners(*stays)) == {"researcher"}


def test_nothing_moves_while_they_belong_or_where_the_pi_does_not(researcher, labmate, group, sem, xrd, nine):
    mine, theirs = booked(sem, at=nine, by=researcher, group=group), booked(xrd, at=nine, by=labmate, group=group)
    labmate.memberships.all().delete()  # a guest of the group, who never belonged to the university

    assert pass_on(now=timezone.now()) == 0
    leave(researcher)
    leave(group.pi)
    assert pass_on(now=timezone.now()) == 0
    assert owners(mine, theirs) == ["researcher", "labmate"]


def test_who_belongs_again_keeps_their_bookings(researcher, university, group, sem, nine):
    mine = booked(sem, at=nine, by=researcher, group=group)
    leave(researcher)
    researcher.memberships.create(organisation=university, state="confirmed", confirmed_at=timezone.now())

    assert pass_on(now=timezone.now()) == 0
    assert owners(mine) == ["researcher"]
