"""Who is told what: once, in plain text, and nobody else's business."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as mailbox
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.utils import timezone

from accounts.models import User
from bookings.states import State
from notifications.models import Mail, Notice
from notifications.services import Withdrawal, deliver, deliver_due_mail, mark_read, send_again, tell, withdraw
from notifications.states import DeliveryState
from tests.database import without_constraint
from tests.factories import booked, person

SEEN: list[str] = []


class RefusesFirst(BaseEmailBackend):
    """A mail server that takes a mail at the second try, and remembers under which id each came."""

    def send_messages(self, messages):
        SEEN.extend(each.message()["Message-ID"] for each in messages)
        if len(SEEN) == 1:
            raise TimeoutError("busy")
        return len(messages)


class RefusesOne(BaseEmailBackend):
    """A mail server that does not like one address."""

    def send_messages(self, messages):
        if messages[0].to == ["bad@example.org"]:
            raise ValueError("no such mailbox")
        mailbox.outbox += messages
        return len(messages)


@pytest.fixture
def request_of(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher, state=State.REQUESTED)


def waiting_mail(address="somebody@example.org", **fields):
    return Mail.objects.create(address=address, event="x", subject="主题", body="text", **fields)


def test_a_mail_keeps_its_id_at_each_try(settings, db):
    settings.EMAIL_BACKEND = f"{__name__}.RefusesFirst"
    SEEN.clear()
    mail = waiting_mail()

    deliver_due_mail()
    Mail.objects.update(due_at=timezone.now())
    deliver_due_mail()

    assert [f"<{mail.pk}@jishi>"] * 2 == SEEN
    assert Mail.objects.get().state == DeliveryState.SENT


def test_one_mail_that_cannot_leave_holds_up_no_other(settings, db):
    settings.EMAIL_BACKEND = f"{__name__}.RefusesOne"
    waiting_mail("bad@example.org")
    waiting_mail("good@example.org")

    assert deliver_due_mail() == 1
    assert [each.to for each in mailbox.outbox] == [["good@example.org"]]
    assert Mail.objects.get(address="bad@example.org").last_error == "ValueError: no such mailbox"


def test_sending_again_is_for_what_was_given_up(db):
    sent = waiting_mail(state=DeliveryState.SENT, attempts=1, sent_at=timezone.now())
    dead = waiting_mail(state=DeliveryState.DEAD, attempts=deliver.TRIES)

    send_again(sent)
    send_again(dead)

    assert deliver_due_mail() == 1
    assert set(Mail.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_what_may_have_left_is_not_taken_back(request_of, manager):
    tell("booking_requested", to=[manager], about=request_of)
    deliver._claim_one()

    assert withdraw(request_of, events=["booking_requested"]) == Withdrawal(taken_back=0, left=1)
    assert Mail.objects.count() == 1


def test_who_has_no_mail_address_is_told_behind_the_bell(request_of):
    by_phone = User.objects.create(name="phone", phone="13800000000")

    tell("booking_confirmed", to=[by_phone], about=request_of)

    assert Notice.objects.get().reader == by_phone
    assert not Mail.objects.exists()


def test_mails_are_plain_text_and_hide_no_letter(request_of, manager, researcher):
    researcher.name = "O'Brien <b> & 王"
    researcher.save()
    request_of.refresh_from_db()

    tell("booking_requested", to=[manager], about=request_of)
    deliver_due_mail()

    assert "O'Brien <b> & 王" in mailbox.outbox[0].subject


def test_on_the_page_the_same_words_are_not_run(browse, request_of, manager, researcher):
    researcher.name = "<script>alert(1)</script>"
    researcher.save()
    request_of.refresh_from_db()

    tell("booking_requested", to=[manager], about=request_of)

    assert "<script>alert" not in browse(manager).get("/notices/").content.decode()


def test_notices_are_their_readers_own(browse, request_of, researcher, labmate):
    tell("booking_confirmed", to=[researcher, labmate], about=request_of)

    browse(labmate).post("/notices/read/")

    assert Notice.objects.get(reader=labmate).read_at
    assert Notice.objects.get(reader=researcher).read_at is None
    assert "已通过" not in browse(person("third")).get("/notices/").content.decode()


def tell_at_once(times, *, to, about):
    barrier = threading.Barrier(times)

    def work():
        barrier.wait(timeout=10)
        tell("booking_confirmed", to=[to], about=about)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_told_by_5_at_once_is_told_once(request_of, researcher):
    tell_at_once(5, to=researcher, about=request_of)

    assert (Notice.objects.count(), Mail.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_without_the_constraint_5_at_once_tell_5_times(request_of, researcher):
    """The negative control: were it still told once, the test above would be blind."""
    with without_constraint(Mail, "mail_once"):
        tell_at_once(5, to=researcher, about=request_of)
        assert Mail.objects.count() == 5


def test_what_is_told_later_is_seen_later(browse, request_of, researcher):
    tell("booking_confirmed", to=[researcher], about=request_of, after=timedelta(seconds=60))
    page = browse(researcher)

    assert deliver_due_mail() == 0
    assert "已通过" not in page.get("/notices/").content.decode()
    page.post("/notices/read/")
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert deliver_due_mail() == 1
        shown = page.get("/notices/").content.decode()
    assert "已通过" in shown
    assert "条未读" in shown


def test_what_is_undone_in_time_was_never_seen(request_of, researcher):
    by_phone = User.objects.create(name="phone", phone="13800000000")
    tell("booking_confirmed", to=[researcher, by_phone], about=request_of, after=timedelta(seconds=60))

    undone = withdraw(request_of, events=["booking_confirmed"])

    assert undone == Withdrawal(taken_back=1, left=0)
    assert undone.complete
    assert not Notice.objects.exists()


def test_what_has_left_or_was_read_stays(request_of, researcher, labmate):
    by_phone = User.objects.create(name="phone", phone="13800000000")
    tell("booking_confirmed", to=[researcher, by_phone], about=request_of)
    deliver_due_mail()
    mark_read(by_phone)
    tell("booking_confirmed", to=[labmate], about=request_of)

    undone = withdraw(request_of, events=["booking_confirmed"])

    assert undone == Withdrawal(taken_back=1, left=1)
    assert not undone.complete
    assert {each.reader for each in Notice.objects.all()} == {researcher, by_phone}


def test_a_mail_that_was_given_up_is_taken_back_too(request_of, researcher):
    tell("booking_confirmed", to=[researcher], about=request_of)
    Mail.objects.update(state=DeliveryState.DEAD, attempts=deliver.TRIES, last_error="no such mailbox")

    assert withdraw(request_of, events=["booking_confirmed"]).complete
    assert not Mail.objects.exists()
