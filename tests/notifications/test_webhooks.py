"""What happens is told to the webhooks: signed, until they take it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import datetime, timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.services import add_webhook, deliver_due_webhooks, rotate_secret, webhooks
from notifications.states import DeliveryState
from tests.notifications.stand_in import deliver, happens, under_way

# An event is delivered when its transaction is over: inside a test's own one there would never be any.
pytestmark = pytest.mark.django_db(transaction=True)


def verified(headers, body, secret):
    """The message, if one of its signatures is right: written from the specification, not from our code."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join([headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body])
    right = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert right in headers["webhook-signature"].split(" ")
    return json.loads(body)


def test_what_happens_is_told_signed_and_thin(stand_in, endpoint, booking):
    event = happens(booking)

    assert deliver() == 1

    ((path, headers, body),) = stand_in.received
    message = verified(headers, body, endpoint.secret)
    href = f"{settings.SITE_URL}/api/v1/bookings/{booking.pk}/"
    assert (path, headers["Host"]) == ("/hook?of=lims", f"127.0.0.1:{stand_in.server_port}")
    assert headers["webhook-id"] == str(event.pk)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert message.keys() == {"type", "timestamp", "data"}
    assert (message["type"], message["data"]) == ("booking.confirmed", {"id": str(booking.pk), "href": href})
    assert datetime.fromisoformat(message["timestamp"]) == event.created_at


def test_a_signature_of_another_secret_is_seen(stand_in, endpoint, booking):
    """The negative control of `verified`."""
    happens(booking)
    deliver()
    _path, headers, body = stand_in.received[0]

    with pytest.raises(AssertionError):
        verified(headers, body, "whsec_" + base64.b64encode(b"another").decode())


def test_the_lines_in_the_documentation_verify_it(stand_in, endpoint, booking):
    happens(booking)
    deliver()
    _path, headers, body = stand_in.received[0]
    documented = (settings.BASE_DIR / "docs" / "api.md").read_text().split("```python\n")[1].split("```")[0]
    exec(documented, names := {})  # noqa: S102
    is_genuine = names["is_genuine"]

    assert is_genuine(headers, body, endpoint.secret)
    assert not is_genuine(headers, body + b" ", endpoint.secret)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert not is_genuine(headers, body, endpoint.secret)


def test_each_event_is_told_once_and_in_order(stand_in, endpoint, booking):
    kinds = ["booking.requested", "booking.confirmed", "booking.started", "booking.completed"]
    for kind in kinds:
        happens(booking, kind)

    assert [deliver(), deliver()] == [4, 0]
    assert [json.loads(body)["type"] for _path, _headers, body in stand_in.received] == kinds


def test_what_is_committed_late_is_told_too(stand_in, endpoint, booking):
    with under_way(lambda: happens(booking, "booking.requested")):
        happens(booking, "booking.confirmed")
        assert deliver() == 0

    assert deliver() == 2
    told = [json.loads(body)["type"] for _path, _headers, body in stand_in.received]
    assert told == ["booking.requested", "booking.confirmed"]


def test_told_is_what_the_owner_may_see_of_the_kinds_wanted_from_then_on(stand_in, booking, researcher, stranger):
    happens(booking)
    add_webhook(stand_in.url, by=researcher, kinds=["booking.cancelled"])
    happens(booking, "booking.confirmed")
    happens(booking, "booking.cancelled", reader=stranger)
    happens(booking, "booking.cancelled")

    assert [deliver(), len(stand_in.received)] == [1, 1]


def test_a_disabled_user_is_told_nothing(stand_in, endpoint, booking, researcher):
    happens(booking)
    researcher.is_active = False
    researcher.save()

    assert (deliver(), stand_in.received) == (0, [])


def test_what_failed_is_tried_again_with_the_same_id(stand_in, endpoint, booking):
    stand_in.answers = [(500, {}, b"<h1>\x00 full</h1>" + b"x" * 1000)]
    happens(booking)

    assert [deliver(), deliver()] == [0, 0]
    failed = WebhookDelivery.objects.get()
    assert (failed.state, failed.last_status, failed.last_error) == (DeliveryState.WAITING, 500, "HTTP 500")
    assert failed.answer.startswith("<h1> full</h1>xxx")
    with time_machine.travel(failed.due_at + timedelta(seconds=1)):
        assert deliver() == 1

    done = WebhookDelivery.objects.get()
    assert (done.state, done.attempts, done.last_status, done.last_error) == (DeliveryState.SENT, 2, 200, "")
    assert len({headers["webhook-id"] for _path, headers, _body in stand_in.received}) == 1


def test_three_days_of_failures_and_it_is_given_up(endpoint, booking, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise ConnectionRefusedError("nobody there")

    monkeypatch.setattr(webhooks, "post_to", refuse)
    begun = happens(booking).created_at
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _ in range(webhooks.TRIES):
            deliver()
            delivery = WebhookDelivery.objects.get()
            last_try = timezone.now()
            clock.move_to(delivery.due_at)

    assert timedelta(hours=72) < last_try - begun < timedelta(hours=80)
    assert (delivery.state, delivery.attempts) == (DeliveryState.DEAD, webhooks.TRIES)
    assert delivery.last_error == "ConnectionRefusedError: nobody there"


def test_an_endpoint_that_fails_holds_up_no_other(stand_in, endpoint, booking, researcher):
    broken = add_webhook("http://127.0.0.1:1/", by=researcher)
    for _ in range(3):
        happens(booking)

    assert deliver() == 3
    assert list(broken.deliveries.order_by("attempts").values_list("attempts", flat=True)) == [0, 0, 1]


def test_a_redirect_is_not_followed(stand_in, endpoint, booking):
    stand_in.answers = [(307, {"Location": stand_in.url}, b"")]
    happens(booking)

    assert deliver() == 0
    assert len(stand_in.received) == 1
    assert WebhookDelivery.objects.get().last_status == 307


def test_who_answers_gone_is_called_no_more(stand_in, endpoint, booking):
    stand_in.answers = [(410, {}, b"")]
    happens(booking)
    deliver()
    happens(booking)

    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        assert (deliver(), len(stand_in.received)) == (0, 1)
    assert not WebhookEndpoint.objects.get().active


def test_for_a_day_both_secrets_sign(stand_in, endpoint, booking):
    renewed = rotate_secret(endpoint)
    happens(booking)
    deliver()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        happens(booking)
        deliver()

    (_path, headers, body), (_path, later, later_body) = stand_in.received
    assert verified(headers, body, endpoint.secret) == verified(headers, body, renewed.secret)
    assert verified(later, later_body, renewed.secret)
    assert len(later["webhook-signature"].split(" ")) == 1


def test_one_worker_at_a_time_calls(endpoint, booking, stand_in):
    happens(booking)
    meanwhile = []

    def other_worker():
        meanwhile.append(deliver())
        connection.close()

    def look_in(_host, _address):
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(timeout=10)
        return True

    assert deliver_due_webhooks(vet=look_in) == 1
    assert (meanwhile, len(stand_in.received)) == ([0], 1)


def test_what_is_removed_while_it_is_called_breaks_nothing(stand_in, endpoint, booking):
    happens(booking)

    def remove(_host, _address):
        WebhookEndpoint.objects.all().delete()
        return True

    assert deliver_due_webhooks(vet=remove) == 1
