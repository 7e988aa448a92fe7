"""Somebody leaves: after fourteen days nothing says who they were, and the books are whole."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import ApiToken, ResearchGroup, User
from billing.services import pay_charge
from billing.states import PaymentKind
from bookings.models import Booking, BookingEvent
from bookings.services import make_feed, write_to
from bookings.states import State
from common.sealed import has_key
from notifications.models import Mail, Notice
from orders import services as orders
from outreach.models import Child
from outreach.services import erase_due
from privacy.models import Erasure
from privacy.tasks import begin_due_erasures, run_jobs
from records.models import Job
from records.states import JobState
from tests import factories
from tests.billing import shop
from tests.conftest import Caller
from tests.outreach import situations

pytestmark = pytest.mark.django_db
PAGE = "/account/data/"
FORTNIGHT = timedelta(days=14, minutes=1)
CANARY = "金丝雀"


def places_of(word: str) -> set[str]:
    """Every table with the word in any column of any row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = set()
        for table in tables:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}" AS row WHERE row::text LIKE %s)', [f"%{word}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.add(table)
    return found


@pytest.fixture
def leaver(university):
    """Somebody with a trace in every room."""
    person = factories.member("leaver", university)
    User.objects.filter(pk=person.pk).update(name=f"{CANARY}李雷", phone="13912345678")
    person.memberships.update(number=f"{CANARY}学号")
    return User.objects.get(pk=person.pk)


def erased(browse, person):
    asked = browse(person).post(PAGE, {"do": "erase", "address": person.email})
    assert asked.status_code == 302
    with time_machine.travel(timezone.now() + FORTNIGHT):
        begin_due_erasures()
        run_jobs()
    return Erasure.objects.get(person=person)


def test_no_canary_is_left_in_any_table(
    browse, leaver, manager, sem, nine, session, django_capture_on_commit_callbacks
):
    past = factories.booked(sem, at=nine - timedelta(days=30), by=leaver, state=State.COMPLETED, title=f"{CANARY}断口")
    Booking.objects.filter(pk=past.pk).update(answers=[{"key": "x", "answer_zh": f"{CANARY}样品"}])
    write_to(past, by=leaver, text=f"我是{CANARY}")
    coming = factories.booked(sem, at=nine + timedelta(days=30), by=leaver)
    make_feed(leaver)
    asked = orders.begin(by=leaver, problem=f"{CANARY}的零件断了")
    orders.revise(asked, by=leaver, answers={"contact": f"{CANARY} 13912345678"})
    enrolment = situations.enrolled(session, leaver)
    token = factories.token_for(leaver)
    browser = browse(leaver)
    assert browser.get("/account/").status_code == 200
    before = places_of(CANARY) | places_of("13912345678") | places_of("leaver@example.org")
    assert {"accounts_user", "bookings_booking", "bookings_bookingevent", "notifications_notice"} <= before
    assert {"orders_request", "orders_requestevent", "notifications_message", "accounts_membership"} <= before

    with django_capture_on_commit_callbacks(execute=True):
        done = erased(browse, leaver)

    assert done.state == "done"
    assert [places_of(word) for word in (CANARY, "13912345678", "leaver@example.org")] == [set(), set(), set()]
    assert Caller().get("/api/v1/me/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert browser.get("/account/").status_code == 302
    assert not ApiToken.objects.filter(user=leaver).exists()
    coming.refresh_from_db()
    past.refresh_from_db()
    assert (coming.state, past.state, past.user_id) == (State.CANCELLED, State.COMPLETED, leaver.pk)
    assert not coming.claims.exists()
    child = Child.objects.get(pk=enrolment.child_id)
    assert (has_key(child.pk), child.erased_at is None, done.children) == (False, False, 1)


def test_the_laboratory_hears_that_the_time_is_free_and_not_whose_it_was(browse, leaver, manager, sem, nine):
    factories.booked(sem, at=nine + timedelta(days=30), by=leaver)

    erased(browse, leaver)

    told = Mail.objects.get(event="booking_cancelled", reader=manager)
    assert CANARY not in told.subject + told.body


def test_the_history_stays_append_only_for_everybody_else(browse, leaver, sem, nine):
    factories.booked(sem, at=nine - timedelta(days=30), by=leaver, state=State.COMPLETED)
    erased(browse, leaver)

    with pytest.raises(Exception, match="Cannot update or delete"):
        BookingEvent.objects.update(title="x")


def test_the_books_stay_whole(browse, leaver, university):
    wallet = shop.wallet_with(leaver, university)
    charge = shop.charged(wallet, university, "100", member=leaver)
    refused = browse(leaver).post(PAGE, {"do": "erase", "address": leaver.email})
    pay_charge(charge, by=None, how=PaymentKind.DESK)

    erased(browse, leaver)

    wallet.refresh_from_db()
    charge.refresh_from_db()
    assert refused.status_code == 400
    assert (charge.member_id, charge.wallet.person_id, charge.paid) == (leaver.pk, leaver.pk, charge.to_pay)
    assert shop.recomputed(wallet) == (wallet.balance, wallet.held)


def test_within_fourteen_days_it_is_taken_back(browse, leaver):
    browser = browse(leaver)
    browser.post(PAGE, {"do": "erase", "address": leaver.email})
    begin_due_erasures()
    assert browser.post(PAGE, {"do": "withdraw"}).status_code == 302
    with time_machine.travel(timezone.now() + FORTNIGHT):
        begin_due_erasures()
        run_jobs()

    leaver.refresh_from_db()
    assert (Erasure.objects.get().state, leaver.is_active, leaver.name) == ("withdrawn", True, f"{CANARY}李雷")


def test_what_has_to_be_put_in_order_is_said_all_at_once(browse, leaver, labmate, university):
    shop.wallet_with(leaver, university, paid_in="100")
    group = ResearchGroup.objects.create(organisation=university, pi=leaver, name_zh="组")
    group.admissions.create(person=labmate)

    User.objects.filter(pk=leaver.pk).update(language="en")

    answer = browse(leaver).post(f"/en{PAGE}", {"do": "erase", "address": leaver.email})

    page = answer.content.decode()
    assert (answer.status_code, Erasure.objects.exists()) == (400, False)
    assert "You lead a research group" in page
    assert "There is money in your wallet" in page


def test_what_comes_up_meanwhile_puts_it_off(browse, leaver, university):
    browse(leaver).post(PAGE, {"do": "erase", "address": leaver.email})
    shop.wallet_with(leaver, university, paid_in="100")
    with time_machine.travel(timezone.now() + FORTNIGHT):
        begin_due_erasures()
        run_jobs()

    leaver.refresh_from_db()
    assert (leaver.is_active, Erasure.objects.get().state) == (True, "asked")
    assert Mail.objects.filter(event="erasure_put_off", reader=leaver).exists()


def test_an_erasure_whose_work_broke_off_is_begun_again_the_next_day_and_not_before(browse, leaver):
    browse(leaver).post(PAGE, {"do": "erase", "address": leaver.email})
    due = timezone.now() + FORTNIGHT
    with time_machine.travel(due):
        begin_due_erasures()
        begin_due_erasures()
        Job.objects.update(state=JobState.FAILED)
    assert (Erasure.objects.get().state, Job.objects.count()) == ("erasing", 1)

    with time_machine.travel(due + timedelta(days=1, minutes=1)):
        begin_due_erasures()
        run_jobs()

    leaver.refresh_from_db()
    assert (Erasure.objects.get().state, leaver.is_active) == ("done", False)


def test_nobody_leaves_by_a_click(browse, leaver, labmate):
    for address in ("", labmate.email):
        assert browse(leaver).post(PAGE, {"do": "erase", "address": address}).status_code == 400
    assert not Erasure.objects.exists()


def test_with_a_second_guardian_the_child_stays(browse, leaver, stranger, session):
    child = situations.enrolled(session, leaver).child
    child.guardians.create(user=stranger, relation="other")

    erased(browse, leaver)

    child.refresh_from_db()
    assert (child.erased_at, has_key(child.pk)) == (None, True)
    assert [each.user for each in child.guardians.all()] == [stranger]


def test_when_a_child_is_erased_its_initials_are_in_no_notice(browse, leaver, session, coordinator):
    enrolment = situations.enrolled(session, leaver)
    initials = enrolment.child.initials
    browse(leaver).post(f"/youth/enrolments/{enrolment.pk}/", {"do": "cancel"})
    assert Notice.objects.filter(text__contains=initials).exists()

    with time_machine.travel(timezone.now() + timedelta(days=100)):
        erase_due(today=timezone.localdate())

    assert Child.objects.get().erased_at
    assert not Notice.objects.filter(text__contains=initials).exists()
    assert not Mail.objects.filter(body__contains=initials).exists()
