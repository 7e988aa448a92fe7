"""What is told is written with its reason, in the reader's language, and leaves once, and surely."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as mailbox
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from bookings.states import State
from notifications.models import Mail, Notice
from notifications.services import Withdrawal, deliver, deliver_due_mail, tell, withdraw
from notifications.services.outgoing import LEASE
from notifications.states import DeliveryState
from tests.factories import booked, person


class Broken(BaseEmailBackend):
    """A mail server that refuses everything."""

    def send_messages(self, _messages):
        raise ConnectionRefusedError("no mail server here")


BROKEN = f"{__name__}.Broken"


@pytest.fixture
def request_of(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher, state=State.REQUESTED)


def waiting_mail(address="somebody@example.org"):
    return Mail.objects.create(address=address, event="x", subject="主题", body="text")


def test_each_reader_is_told_in_their_own_language(request_of, manager):
    english = person("english", language="en")

    tell("booking_requested", to=[manager, english], about=request_of)

    words = dict(Notice.objects.values_list("reader__name", "text"))
    assert words == {
        "manager": "researcher申请使用场发射扫描电镜",
        "english": "researcher asks for Field-emission SEM",
    }
    assert f"/en/bookings/{request_of.pk}/" in Mail.objects.get(reader=english).body
    assert f"/bookings/{request_of.pk}/" in Mail.objects.get(reader=manager).body


def test_nobody_is_told_twice_of_one_occasion_but_again_of_the_next(request_of, researcher):
    for occasion in ("first", "first", "second"):
        tell("booking_confirmed", to=[researcher, researcher], about=request_of, occasion=occasion)

    assert (Notice.objects.count(), Mail.objects.count()) == (2, 2)


def test_what_is_rolled_back_is_not_told(request_of, researcher):
    with transaction.atomic():
        tell("booking_confirmed", to=[researcher], about=request_of)
        transaction.set_rollback(True)

    assert not Mail.objects.exists()


def test_due_mail_leaves_once_and_is_marked(db):
    waiting_mail()
    later = waiting_mail("later@example.org")
    Mail.objects.filter(pk=later.pk).update(due_at=timezone.now() + timedelta(minutes=1))

    assert (deliver_due_mail(), deliver_due_mail()) == (1, 0)

    assert [each.to for each in mailbox.outbox] == [["somebody@example.org"]]
    assert Mail.objects.get(address="somebody@example.org").state == DeliveryState.SENT


def test_a_mail_server_that_refuses_is_asked_again_later_and_later_then_given_up(settings, db):
    settings.EMAIL_BACKEND = BROKEN
    mail, waits = waiting_mail(), []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(deliver.TRIES):
            assert deliver_due_mail() == 0
            mail.refresh_from_db()
            waits.append((mail.due_at - timezone.now()).total_seconds())
            clock.move_to(mail.due_at)
        deliver_due_mail()
    mail.refresh_from_db()

    assert waits[:4] == [30, 60, 120, 240]
    assert max(waits) <= 12 * 3600
    assert (mail.state, mail.attempts) == (DeliveryState.DEAD, deliver.TRIES)
    assert "no mail server here" in mail.last_error


def test_dead_letters_are_seen_in_the_admin_and_sent_again_from_there(browse, db):
    Mail.objects.filter(pk=waiting_mail().pk).update(state=DeliveryState.DEAD, attempts=12)
    staff, path = browse(person("staff", is_staff=True)), reverse("admin:notifications_mail_changelist")

    assert "somebody@example.org" in staff.get(path, {"state": "dead"}).content.decode()
    staff.post(path, {"action": "send_again", "_selected_action": [str(Mail.objects.get().pk)]})
    deliver_due_mail()

    assert len(mailbox.outbox) == 1


def test_a_worker_killed_while_sending_loses_nothing(db):
    """It dies after it took the mail: the next one takes it when the lease is over, under the same id."""
    waiting_mail()
    taken = deliver._claim_one()

    assert deliver_due_mail() == 0
    with time_machine.travel(timezone.now() + LEASE + timedelta(seconds=1)):
        assert deliver_due_mail() == 1
    assert mailbox.outbox[0].extra_headers["Message-ID"] == f"<{taken.pk}@jishi>"


def test_what_has_not_left_can_be_taken_back(request_of, researcher, manager):
    tell("booking_requested", to=[manager], about=request_of)
    tell("booking_confirmed", to=[researcher], about=request_of)

    assert withdraw(request_of, events=["booking_requested"]) == Withdrawal(taken_back=1, left=0)
    assert Mail.objects.get().event == "booking_confirmed"


def deliver_with(workers):
    barrier = threading.Barrier(workers)

    def work():
        barrier.wait(timeout=10)
        deliver_due_mail()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_4_workers_at_once_send_each_of_40_mails_once():
    for n in range(40):
        waiting_mail(f"n{n}@example.org")

    deliver_with(4)

    assert len({each.to[0] for each in mailbox.outbox}) == len(mailbox.outbox) == 40


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_4_workers_send_mails_twice(monkeypatch):
    """The negative control: were every mail still sent once, the test above would be blind."""
    for n in range(10):
        waiting_mail(f"n{n}@example.org")
    everyone_has_looked = threading.Barrier(4)

    def look_without_taking():
        found = Mail.objects.due(timezone.now()).first()
        with suppress_broken_barrier():
            everyone_has_looked.wait(timeout=5)
        return found

    monkeypatch.setattr(deliver, "_claim_one", look_without_taking)
    deliver_with(4)

    assert len(mailbox.outbox) > 10


@contextmanager
def suppress_broken_barrier():
    try:
        yield
    except threading.BrokenBarrierError:
        return


def test_the_bell_counts_what_is_unread_until_it_was_seen(browse, request_of, researcher):
    tell("booking_confirmed", to=[researcher], about=request_of)
    page = browse(researcher)

    before = page.get("/notices/").content.decode()
    page.post("/notices/read/")
    after = page.get("/notices/").content.decode()

    assert "您的场发射扫描电镜预约已通过" in before
    assert "条未读" in before
    assert "条未读" not in after


def test_what_failed_once_is_taken_back_too_but_not_while_it_is_being_sent(settings, request_of, manager):
    settings.EMAIL_BACKEND = BROKEN
    tell("booking_requested", to=[manager], about=request_of)
    deliver._claim_one()
    assert withdraw(request_of, events=["booking_requested"]) == Withdrawal(taken_back=0, left=1)

    Mail.objects.update(due_at=timezone.now())
    deliver_due_mail()
    assert withdraw(request_of, events=["booking_requested"]) == Withdrawal(taken_back=1, left=0)
