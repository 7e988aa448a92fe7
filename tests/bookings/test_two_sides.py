"""Where requester, laboratory and strangers meet: whose turn it is, who may know whom, what stays as it was."""

from __future__ import annotations

import sys
from datetime import timedelta
from threading import Barrier
from unittest.mock import patch

import pytest
import time_machine

from bookings import services
from bookings.models import Booking, Change, Operator, OperatorClaim, OperatorHours
from bookings.rules import objections_to_booking
from bookings.services import book, report_fault, set_hours, set_policy, set_quotas
from bookings.states import State
from common.errors import NotAllowed, Refused
from common.interval import Interval
from instruments.services import set_status
from instruments.states import Status
from notifications.models import Mail
from tests.bookings.test_races import at_once
from tests.factories import AROUND_THE_CLOCK, booked, instrument, lab_admin

HOUR = timedelta(hours=1)


def path(booking, action=""):
    return f"/api/v1/bookings/{booking.pk}/{action}"


def times(start, hours=1):
    return {"start": start.isoformat(), "end": (start + hours * HOUR).isoformat()}


def changed(client, booking, body):
    return client.patch(path(booking), body, format="json", headers={"If-Match": client.get(path(booking))["ETag"]})


def runs_it(centre, *instruments, name="operator-a"):
    """Somebody who can be booked together with these instruments, at any hour."""
    user = lab_admin(name, centre)
    operator = Operator.objects.create(facility=centre, user=user)
    operator.instruments.set(instruments)
    OperatorHours.objects.bulk_create(
        OperatorHours(operator=operator, weekday=day, opens_minute=0, closes_minute=1440) for day in range(7)
    )
    return user


def codes(response):
    return [each["code"] for each in response.json()["objections"]]


def test_an_assisted_request_may_be_offered_where_nobody_assists(call, centre, manager, researcher, sem, nine):
    instrument(centre, "tem")
    set_policy(sem, operator="optional")
    runs_it(centre, sem)
    wish = book("sem", by=researcher, interval=Interval(nine, nine + HOUR), assisted=True)

    offered = call(manager).post(path(wish, "confirm/"), {"instrument": "tem"})
    accepted = call(researcher).post(path(wish, "accept-change/"))

    assert (offered.status_code, accepted.status_code) == (200, 200)
    assert not OperatorClaim.objects.exists()


def test_an_offer_holds_the_operator_too_until_it_is_answered(call, centre, manager, researcher, labmate, xrd, nine):
    set_policy(xrd, operator="always")
    other = instrument(centre, "other", operator="always", needs_approval=False)
    operator = runs_it(centre, xrd, other)
    booking = book("xrd", by=researcher, interval=Interval(nine, nine + HOUR))

    changed(call(manager), booking, times(nine + 4 * HOUR))
    held = list(OperatorClaim.objects.order_by("starts_at").values_list("operator", "starts_at"))
    refused = call(labmate).post("/api/v1/bookings/", {"instrument": "other", **times(nine + 4 * HOUR)})
    call(researcher).post(path(booking, "accept-change/"))

    assert held == [(operator.pk, nine), (operator.pk, nine + 4 * HOUR)]
    assert codes(refused) == ["no_operator_free"]
    assert [each.starts_at for each in OperatorClaim.objects.all()] == [nine + 4 * HOUR]


def test_what_an_offer_holds_of_the_operator_is_let_go_with_it(call, centre, manager, researcher, xrd, nine):
    set_policy(xrd, operator="always")
    runs_it(centre, xrd)
    booking = book("xrd", by=researcher, interval=Interval(nine, nine + HOUR))
    changed(call(manager), booking, times(nine + 4 * HOUR))

    call(researcher).post(path(booking, "accept-change/"), {"accept": False})

    assert [each.starts_at for each in OperatorClaim.objects.all()] == [nine]


def test_a_shorter_time_keeps_its_operator_even_on_leave(call, centre, manager, researcher, xrd, nine):
    set_policy(xrd, operator="always")
    operator = runs_it(centre, xrd)
    booking = book("xrd", by=researcher, interval=Interval(nine, nine + 2 * HOUR))
    OperatorHours.objects.all().delete()

    answer = changed(call(manager), booking, times(nine))

    booking.refresh_from_db()
    assert (answer.status_code, booking.operator_id) == (200, operator.pk)
    assert OperatorClaim.objects.get().interval == Interval(nine, nine + HOUR)


def test_the_operator_is_chosen_by_name_in_the_form(browse, centre, researcher, xrd, nine):
    set_policy(xrd, operator="optional")
    runs_it(centre, xrd)
    wanted = runs_it(centre, xrd, name="operator-b")
    form = {"day": f"{nine:%Y-%m-%d}", "start": "09:00", "end": "10:00", "purpose": "research", "key": "operator"}

    browse(researcher).post("/instruments/xrd/book/", {**form, "operator": str(wanted.pk)})

    assert Booking.objects.get().operator_id == wanted.pk


@pytest.mark.django_db(transaction=True)
def test_a_quota_of_the_whole_facility_holds_against_4_bookings_at_once(centre, researcher, nine):
    names = _four_with_one_booking_a_day(centre)

    at_once([lambda name=name: book(name, by=researcher, interval=Interval(nine, nine + HOUR)) for name in names])

    assert Booking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_taking_turns_the_quota_is_broken(centre, researcher, nine):
    """The negative control: each instrument has a lock of its own, and all four have counted before one writes."""
    names = _four_with_one_booking_a_day(centre)
    counted = Barrier(len(names))

    def after_all_have_counted(given):
        counted.wait(timeout=30)
        return objections_to_booking(given)

    with (
        patch("bookings.services.circumstances.take_turns", lambda *_keys: None),
        patch.object(sys.modules["bookings.services.book"], "objections_to_booking", after_all_have_counted),
    ):
        at_once([lambda name=name: book(name, by=researcher, interval=Interval(nine, nine + HOUR)) for name in names])

    assert Booking.objects.count() > 1


def _four_with_one_booking_a_day(centre):
    names = [f"i{n}" for n in range(4)]
    for name in names:
        instrument(centre, name, needs_approval=False)
    set_quotas(centre, [{"subject": "person", "measure": "bookings", "period": "day", "amount": 1, "category": ""}])
    return names


def test_a_repeated_hand_over_gets_its_first_answer(call, researcher, labmate, xrd, nine):
    set_policy(xrd, allows_hand_over=True)
    booking = book("xrd", by=researcher, interval=Interval(nine, nine + HOUR))
    first, again = (call(researcher).post(path(booking, "hand-over/"), {"to": labmate.email}, key="k") for _n in "12")

    assert (first.status_code, again.status_code, again["Idempotent-Replayed"]) == (200, 200, "true")


def test_known_and_unknown_addresses_look_alike_to_who_may_not_ask(call, researcher, stranger, sem, xrd, nine):
    wish = {"instrument": "sem", **times(nine)}
    probes = [
        call(researcher).post("/api/v1/bookings/", {**wish, "on_behalf_of": address})
        for address in (stranger.email, "nobody@example.org")
    ]
    set_policy(xrd, allows_hand_over=True)
    booking = book("xrd", by=researcher, interval=Interval(nine, nine + HOUR))
    xrd.sharing = ["internal"]
    xrd.save()
    handed = [
        call(researcher).post(path(booking, "hand-over/"), {"to": address})
        for address in (stranger.email, "nobody@example.org")
    ]

    assert [each.status_code for each in probes] == [403, 403]
    assert probes[0].json()["detail"] == probes[1].json()["detail"]
    assert [codes(each) for each in handed] == [["cannot_take_over"]] * 2


def test_the_laboratory_that_booked_for_somebody_stays_the_other_side(call, manager, researcher, sem, nine):
    booking = book("sem", by=manager, on_behalf_of=researcher, interval=Interval(nine, nine + HOUR))
    Booking.objects.filter(pk=booking.pk).update(state=State.CONFIRMED, expires_at=None)

    changed(call(manager), booking, times(nine + 3 * HOUR))
    own_yes = call(manager).post(path(booking, "accept-change/"))
    unexplained = call(manager).post(path(booking, "cancel/"))

    assert Change.objects.waiting().count() == 1
    assert (own_yes.status_code, unexplained.status_code) == (403, 400)


def test_mending_leaves_alone_what_the_laboratory_itself_has_closed_or_retired(manager, sem):
    for status in (Status.RETIRED, Status.MAINTENANCE, Status.LIMITED):
        set_status(sem, status)
        services.mend(report_fault(sem, by=manager, severity="severe", text="x"), by=manager, remedy="y")
        sem.refresh_from_db()
        assert sem.status == status


def test_of_two_faults_the_last_to_be_mended_opens_the_instrument_as_it_was(manager, sem):
    set_status(sem, Status.LIMITED)
    first, second = (report_fault(sem, by=manager, severity="severe", text="x") for _n in range(2))

    services.mend(first, by=manager, remedy="y")
    sem.refresh_from_db()
    between = sem.status
    services.mend(second, by=manager, remedy="y")
    sem.refresh_from_db()

    assert (between, sem.status) == (Status.MAINTENANCE, Status.LIMITED)


def test_who_is_trained_a_little_may_ask_for_more(manager, researcher, sem):
    set_policy(sem, training_level=2)
    services.grant_training(researcher, on=sem, by=manager, level=1)
    assert services.ask_for_training(sem, by=researcher).pk

    services.grant_training(researcher, on=sem, by=manager, level=2)
    with pytest.raises(Refused):
        services.ask_for_training(sem, by=researcher)


def test_an_answer_to_no_question_with_a_nul_byte_is_kept_clean(call, manager, sem, nine):
    wish = {"instrument": "sem", **times(nine), "answers": {"a\x00b": 1}, "overrule_because": "x"}

    assert call(manager).post("/api/v1/bookings/", wish).status_code == 201


def test_an_hour_that_the_clocks_leave_out_is_refused_beside_its_field(browse, researcher, xrd, centre):
    centre.time_zone = "Europe/Berlin"
    centre.save()
    set_hours(xrd, AROUND_THE_CLOCK)
    with time_machine.travel("2027-03-25T10:00:00Z"):
        client = browse(researcher)
        client.force_login(researcher)
        page = client.post(
            "/instruments/xrd/book/",
            {"day": "2027-03-28", "start": "02:00", "end": "04:00", "purpose": "research", "key": "spring"},
        )

    assert page.status_code == 400
    assert "start" in page.context["form"].errors


def test_a_blank_problem_at_check_out_tells_nobody(researcher, xrd, nine):
    booking = booked(xrd, at=nine, by=researcher)
    with time_machine.travel(nine + timedelta(minutes=5)):
        services.check_in(booking, by=researcher)
        services.check_out(booking, by=researcher, problem="  ")

    assert not Mail.objects.filter(event="usage_problem").exists()


def test_rules_are_set_by_the_laboratory_alone(researcher, manager, sem):
    set_policy(sem, by=manager, lead_minutes=60)
    with pytest.raises(NotAllowed):
        set_policy(sem, by=researcher, lead_minutes=0)


def test_the_calendar_shows_what_a_waiting_change_holds(call, researcher, labmate, sem, nine):
    booking = booked(sem, at=nine, by=researcher)
    changed(call(researcher), booking, times(nine + 3 * HOUR))
    asked = {"instrument": "sem", "from": nine.isoformat(), "to": (nine + 8 * HOUR).isoformat()}

    kinds = [each["kind"] for each in call(labmate).get("/api/v1/calendar/", asked).json()["events"]]

    assert kinds == ["taken", "pending"]
