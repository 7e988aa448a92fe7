"""Programs set up their own webhooks, and look after what was not delivered."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.services import add_webhook
from notifications.states import EventKind
from tests.factories import fresh_key
from tests.notifications.stand_in import deliver, happens

pytestmark = pytest.mark.django_db(transaction=True)
WEBHOOKS = "/api/v1/webhooks/"


def test_a_webhook_by_rest_shows_its_secret_once(call, researcher, stand_in):
    program, key = call(researcher, "read", "book"), fresh_key()
    wanted = {"url": stand_in.url, "kinds": ["booking.confirmed", "booking.cancelled"]}

    made = program.post(WEBHOOKS, wanted, key=key)
    again = program.post(WEBHOOKS, wanted, key=key)
    shown = program.get(f"{WEBHOOKS}{made.json()['id']}/").json()

    secret = made.json()["secret"]
    assert (made.status_code, len(base64.b64decode(secret.removeprefix("whsec_")))) == (201, 32)
    assert (again.status_code, again["Idempotent-Replayed"], again.json()["secret"]) == (201, "true", "")
    assert secret not in json.dumps(shown)
    assert (shown["secret_tail"], shown["kinds"]) == (secret[-4:], ["booking.cancelled", "booking.confirmed"])
    assert program.get(WEBHOOKS).json()["results"] == [shown]


def test_unless_said_a_webhook_is_called_for_everything(call, researcher, stand_in):
    assert call(researcher).post(WEBHOOKS, {"url": stand_in.url}).json()["kinds"] == sorted(EventKind.values)


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "ftp://example.org/"}, {"url": "file:///etc/passwd"}, {"url": "example.org"}, {"url": ""}, {},
        {"url": "https://example.org/\r\nX: y"}, {"url": "https://example.org/" + "x" * 500},
        {"url": "https://example.org/", "kinds": []}, {"url": "https://example.org/", "kinds": ["booking.exploded"]},
        {"url": "https://example.org/", "secret": "mine"},
    ],
)  # fmt: skip
def test_what_is_no_webhook_is_400(call, researcher, wrong):
    assert call(researcher).post(WEBHOOKS, wrong).status_code == 400
    assert not WebhookEndpoint.objects.exists()


def test_the_21st_webhook_is_refused(call, researcher):
    for _ in range(20):
        add_webhook("https://example.org/", by=researcher)

    answer = call(researcher).post(WEBHOOKS, {"url": "https://example.org/"})

    assert (answer.status_code, answer.json()["objections"][0]["code"]) == (409, "too_many_webhooks")


def test_a_secret_is_changed_by_rest(call, endpoint, researcher):
    changed = call(researcher).post(f"{WEBHOOKS}{endpoint.pk}/rotate/").json()

    endpoint.refresh_from_db()
    assert changed["secret"] == endpoint.secret != endpoint.previous_secret
    assert changed["rotated_at"]


def test_deliveries_are_listed_and_replayed(call, stand_in, endpoint, booking, researcher, statements):
    stand_in.answers = [(500, {}, b"full")]
    event, program = happens(booking), call(researcher)
    deliver()
    log = f"{WEBHOOKS}{endpoint.pk}/deliveries/"

    (entry,) = program.get(log).json()["results"]
    assert (entry["event"], entry["type"]) == (str(event.pk), "booking.confirmed")
    assert (entry["state"], entry["last_status"], entry["answer"]) == ("waiting", 500, "full")
    replayed = program.post(f"{log}{entry['id']}/replay/").json()
    assert (replayed["state"], replayed["attempts"]) == ("waiting", 0)
    assert deliver() == 1

    program.post(f"{log}{entry['id']}/replay/")
    assert deliver() == 1
    assert len({headers["webhook-id"] for _path, headers, _body in stand_in.received}) == 1


def test_what_is_removed_is_called_no_more_and_its_log_is_gone(call, stand_in, endpoint, booking, researcher):
    happens(booking)
    answer = call(researcher).delete(f"{WEBHOOKS}{endpoint.pk}/")

    assert (answer.status_code, deliver(), stand_in.received) == (204, 0, [])


def test_somebody_elses_webhook_is_404(call, endpoint, booking, researcher, stranger):
    happens(booking)
    deliver()
    path, own = f"{WEBHOOKS}{endpoint.pk}/", add_webhook("https://example.org/", by=stranger)
    delivery, outsider = WebhookDelivery.objects.get(), call(stranger)

    assert [each["id"] for each in outsider.get(WEBHOOKS).json()["results"]] == [str(own.pk)]
    answers = [outsider.get(path), outsider.delete(path), outsider.get(f"{path}deliveries/")]
    answers += [outsider.post(f"{path}rotate/"), outsider.post(f"{path}deliveries/{delivery.pk}/replay/")]
    answers += [outsider.post(f"{WEBHOOKS}{own.pk}/deliveries/{delivery.pk}/replay/")]
    assert {each.status_code for each in answers} == {404}


def test_by_rest_it_is_paused_tried_and_caught_up(call, stand_in, endpoint, booking, researcher):
    program, path = call(researcher), f"{WEBHOOKS}{endpoint.pk}/"
    paused = program.patch(path, {"active": False, "kinds": ["booking.confirmed"]}, format="json")
    assert (paused.status_code, paused.json()["active"]) == (200, False)
    refused = program.post(f"{path}ping/")
    assert (refused.status_code, refused.json()["objections"][0]["code"]) == (409, "paused")
    event = happens(booking)
    deliver()
    program.patch(path, {"active": True}, format="json")

    span = {"since": (event.created_at - timedelta(minutes=1)).isoformat()}
    span["until"] = (event.created_at + timedelta(minutes=1)).isoformat()
    assert program.post(f"{path}replay/", span).json() == {"replayed": 1}
    assert deliver() == 1
    assert program.post(f"{path}ping/").json()["type"] == "webhook.ping"
    assert deliver() == 1

    ping, told = program.get(f"{path}deliveries/").json()["results"]
    whole = program.get(f"{path}deliveries/{told['id']}/").json()
    assert json.loads(whole["request"])["data"]["id"] == str(booking.pk)
    assert (ping["last_status"], ping["duration_ms"] >= 0) == (200, True)
    assert not [each for each in program.get("/api/v1/changes/").json()["results"] if each["type"] == "webhook.ping"]
