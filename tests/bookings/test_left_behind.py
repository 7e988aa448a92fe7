"""Whose membership ends leaves bookings of a group behind: they go to its principal investigator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import ResearchGroup
from accounts.services import end_membership, end_what_is_over
from bookings.models import Booking
from bookings.services import pass_on, set_policy
from bookings.services.personal import leave as give_bookings_back
from bookings.states import CancelledAs, State
from notifications.models import Event, Mail
from tests.billing import shop
from tests.conftest import HOUR
from tests.factories import booked, member


@pytest.fixture
def group(university, researcher):
    found = ResearchGroup.objects.create(organisation=university, pi=member("pi", university), name_zh="张课题组")
    found.admissions.create(person=researcher)
    return found


LATER = timedelta(hours=2)  # than the hour that is given to whoever only changes their role


def leave(person):
    end_membership(person.memberships.get(), by=person)


def pass_on_later():
    return pass_on(now=timezone.now() + LATER)


def owners(*bookings):
    for each in bookings:
        each.refresh_from_db()
    return [each.user.name for each in bookings]


def test_a_roster_ends_a_membership_and_what_was_booked_goes_to_the_pi(researcher, group, sem, xrd, nine, browse, call):
    confirmed = booked(sem, at=nine, by=researcher, group=group, external_ref="LIMS-1")
    requested = booked(xrd, at=nine, by=researcher, group=group, state=State.REQUESTED)
    researcher.memberships.update(ends_on=timezone.localdate() - timedelta(days=1))
    end_what_is_over(on=timezone.localdate())
    assert pass_on(now=timezone.now()) == 0

    moved = [pass_on_later() for _twice in range(2)]

    assert moved == [2, 0]
    assert owners(confirmed, requested) == ["pi", "pi"]
    assert (confirmed.external_ref, confirmed.version, confirmed.booked_by) == ("", 2, group.pi)
    told = Mail.objects.filter(event="booking_passed_on")
    assert set(told.values_list("reader", flat=True)) == {group.pi.pk, researcher.pk}
    assert all("researcher 已不再是" in mail.body for mail in told)
    assert Event.objects.filter(kind="booking.changed").count() == 2
    pages = [browse(each).get(f"/bookings/{confirmed.pk}/").status_code for each in (group.pi, researcher)]
    by_rest = call(researcher).post(f"/api/v1/bookings/{confirmed.pk}/cancel/")
    assert (pages, by_rest.status_code) == ([200, 404], 404)
    assert browse(group.pi).post(f"/bookings/{confirmed.pk}/cancel/").status_code == 302
    confirmed.refresh_from_db()
    assert confirmed.state == State.CANCELLED


def test_what_the_rules_do_not_let_the_pi_have_is_called_off_without_a_fee(researcher, group, sem, nine):
    set_policy(sem, training_level=2)
    mine = booked(sem, at=nine, by=researcher, group=group)
    leave(researcher)

    assert pass_on_later() == 0
    mine.refresh_from_db()

    assert (mine.state, mine.cancelled_as, mine.user) == (State.CANCELLED, CancelledAs.EARLY, researcher)
    assert not mine.claims.exists()
    told = Mail.objects.filter(event="booking_given_back")
    assert set(told.values_list("reader", flat=True)) == {group.pi.pk, researcher.pk}
    assert all("- " in mail.body for mail in told)


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

    assert pass_on_later() == 0
    assert set(owners(*stays)) == {"researcher"}


def test_nothing_moves_while_they_belong_or_where_the_pi_does_not(researcher, labmate, group, sem, xrd, nine):
    mine, theirs = booked(sem, at=nine, by=researcher, group=group), booked(xrd, at=nine, by=labmate, group=group)
    labmate.memberships.all().delete()  # a guest of the group, who never belonged to the university

    assert pass_on_later() == 0
    leave(researcher)
    leave(group.pi)
    assert pass_on_later() == 0
    assert owners(mine, theirs) == ["researcher", "labmate"]


@pytest.mark.parametrize("state", ["confirmed", "claimed"])
def test_who_belongs_again_or_says_so_keeps_their_bookings(researcher, university, group, sem, nine, state):
    mine = booked(sem, at=nine, by=researcher, group=group)
    leave(researcher)
    researcher.memberships.create(organisation=university, state=state)

    assert pass_on_later() == 0
    assert owners(mine) == ["researcher"]


def test_what_a_guest_books_afterwards_or_gets_back_from_the_pi_is_theirs(researcher, group, sem, xrd, nine):
    before = booked(sem, at=nine, by=researcher, group=group)
    leave(researcher)
    assert pass_on_later() == 1
    Booking.objects.filter(pk=before.pk).update(user=researcher, booked_by=researcher)
    after = booked(xrd, at=nine, by=researcher, group=group)

    assert pass_on_later() == 0
    assert owners(before, after) == ["researcher", "researcher"]


def test_who_pays_is_asked_anew(researcher, group, sem, nine, university):
    own = shop.wallet_with(researcher, university, paid_in="500")
    mine = booked(sem, at=nine, by=researcher, group=group, payer=own)
    leave(researcher)

    assert pass_on_later() == 1
    mine.refresh_from_db()
    assert mine.payer != own


def test_an_erasure_forgets_what_was_told_of_a_booking_that_went_to_the_pi(researcher, group, sem, nine):
    booked(sem, at=nine, by=researcher, group=group)
    leave(researcher)
    pass_on_later()
    assert Mail.objects.filter(event="booking_passed_on", reader=group.pi).exists()

    give_bookings_back(researcher)

    assert not Mail.objects.filter(event="booking_passed_on").exists()
