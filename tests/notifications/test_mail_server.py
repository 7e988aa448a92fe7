"""A mail server that is away: nothing is lost, and who looks after the portal reads why nothing leaves.

The server is a process of its own, and is killed; for a minute, and with 10,000 mails, by `./portal prove chaos`.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from notifications.models import Mail
from notifications.services import deliver, deliver_due_mail, post
from notifications.services.outgoing import FIRST_WAIT, note_sent
from notifications.states import DeliveryState
from tests.factories import person
from tests.proofs.histories import Heard, judge_heard
from tests.proofs.mail_server import BEFORE_THE_ANSWER, IN_THE_MIDDLE, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(tmp_path, settings):
    with mail_server(tmp_path) as found:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", found.port
        yield found


def some_mail():
    mail = post(address="somebody@example.org", event="x", subject="主题", body="一\n.\n二")
    return mail, f"<{mail.pk}@jishi>"


def half_a_minute_later():
    return time_machine.travel(timezone.now() + FIRST_WAIT + timedelta(seconds=1))


def lost(server):
    heard = Heard([str(pk) for pk in Mail.objects.values_list("pk", flat=True)], [], server.ids(), [])
    return judge_heard([], heard)["mails lost"]


def test_while_it_is_away_log_and_admin_say_why_and_when_it_is_back_the_mail_leaves(server, browse, lines):
    mail, name = some_mail()
    server.kill()

    assert deliver_due_mail() == 0

    line = next(each for each in lines() if each["event"] == "not_sent")
    assert (line["what"], line["row"], line["attempts"]) == ("mail", str(mail.pk), 1)
    page = browse(person("staff", is_staff=True)).get(reverse("admin:notifications_mail_change", args=[mail.pk]))
    assert "ConnectionRefusedError" in page.content.decode()
    server.start()
    with half_a_minute_later():
        assert deliver_due_mail() == 1
    assert server.ids() == [name]
    assert not lost(server)


@pytest.mark.parametrize(("how", "copies"), [(IN_THE_MIDDLE, 1), (BEFORE_THE_ANSWER, 2)])
def test_killed_while_it_reads_a_mail_it_gets_it_again_under_the_same_id(server, how, copies):
    mail, name = some_mail()
    server.kill()
    server.start(dies=how)

    assert deliver_due_mail() == 0

    mail.refresh_from_db()
    assert (mail.state, mail.last_error.split(":")[0]) == (DeliveryState.WAITING, "SMTPServerDisconnected")
    server.start()
    with half_a_minute_later():
        assert deliver_due_mail() == 1
    assert server.ids() == [name] * copies


def test_a_mail_that_is_not_tried_again_is_found_to_be_lost(server, monkeypatch):
    """The negative control: were it not found, the proof over SMTP would be blind."""
    monkeypatch.setattr(deliver, "note_failure", lambda mail, _reason, **_limits: note_sent(mail))
    mail, _name = some_mail()
    server.kill()
    deliver_due_mail()
    server.start()
    with half_a_minute_later():
        deliver_due_mail()

    assert lost(server) == [str(mail.pk)]
