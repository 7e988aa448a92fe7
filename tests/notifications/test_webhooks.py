"""What happens is told to the webhooks: signed, until they take it, and never inside our own network."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import subprocess
import threading
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from unittest.mock import patch

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from notifications.models import Event, WebhookDelivery, WebhookEndpoint
from notifications.rules import is_public
from notifications.services import add_webhook, announce, deliver_due_webhooks, reach, rotate_secret, webhooks
from notifications.states import DeliveryState, EventKind
from tests.factories import booked, fresh_key

# An event is delivered when its transaction is over: inside a test's own one there would never be any.
pytestmark = pytest.mark.django_db(transaction=True)
WEBHOOKS = "/api/v1/webhooks/"


def anywhere(_address):
    """Vets nothing: the stand-in of these tests listens on the loopback."""
    return True


class StandIn(ThreadingHTTPServer):
    """Somebody's program: keeps what it is sent, and answers as it is told to (200 when nothing is said)."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Receiver)
        self.received, self.answers = [], []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hook?of=lims"


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, self.headers, body))
        status, headers, words = self.server.answers.pop(0) if self.server.answers else (200, {}, b"thanks")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(words)

    def log_message(self, *_words):
        pass


@pytest.fixture
def stand_in():
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(timeout=10)


@pytest.fixture
def booking(sem, nine, researcher):
    return booked(sem, at=nine, by=researcher)


@pytest.fixture
def endpoint(stand_in, researcher):
    return add_webhook(stand_in.url, by=researcher)


def happens(booking, kind="booking.confirmed", reader=None):
    to = [(reader or booking.user).pk]
    announce(kind, about=booking, to=to, href=f"/api/v1/bookings/{booking.pk}/")
    return Event.objects.latest("created_at")


def deliver():
    return deliver_due_webhooks(vet=anywhere)


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


def test_each_event_is_told_once_and_in_order(stand_in, endpoint, booking):
    kinds = ["booking.requested", "booking.confirmed", "booking.started", "booking.completed"]
    for kind in kinds:
        happens(booking, kind)

    assert [deliver(), deliver()] == [4, 0]
    assert [json.loads(body)["type"] for _path, _headers, body in stand_in.received] == kinds


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


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "0.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2001::1", "2001:db8::1", "fc00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "202.118.66.6", "2001:da8:a800::1", "2606:4700::1111"])
def test_public_addresses_are_not(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "127.1", "0", "[::1]", "[::ffff:127.0.0.1]"]
)
def test_the_portals_own_machine_is_not_called_however_it_is_written(stand_in, booking, researcher, host):
    add_webhook(f"http://{host}:{stand_in.server_port}/", by=researcher)
    happens(booking)

    assert (deliver_due_webhooks(), stand_in.received) == (0, [])
    assert WebhookDelivery.objects.get().last_error.startswith("NoPublicAddressError: ")


def test_a_name_is_looked_up_once_and_what_was_vetted_is_called(stand_in, booking, researcher):
    """A name that leads elsewhere at the second look (DNS rebinding) would find the guard asleep."""
    add_webhook(f"http://hooks.example:{stand_in.server_port}/", by=researcher)
    happens(booking)
    look_up, looked_up, seen = socket.getaddrinfo, [], []

    def resolver(host, port, *args, **kwargs):
        if host != "hooks.example":
            return look_up(host, port, *args, **kwargs)
        looked_up.append(host)
        places = [("10.0.0.1", port), ("127.0.0.1", port)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    def not_ten(address):
        seen.append(str(address))
        return not str(address).startswith("10.")

    with patch.object(socket, "getaddrinfo", resolver):
        assert deliver_due_webhooks(vet=not_ten) == 1

    assert (looked_up, seen) == (["hooks.example"], ["10.0.0.1", "127.0.0.1"])
    assert stand_in.received[0][1]["Host"] == f"hooks.example:{stand_in.server_port}"


@pytest.fixture
def certificate(tmp_path):
    """A certificate for `hooks.example`, with its key in the same file."""
    file = tmp_path / "both.pem"
    names = ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*new, *names, "-keyout", file, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    file.write_text(file.read_text() + (tmp_path / "cert.pem").read_text())
    return file


@pytest.mark.parametrize(("name", "taken"), [("hooks.example", 1), ("other.example", 0)])
def test_over_tls_the_certificate_is_asked_for_the_name(
    stand_in, certificate, booking, researcher, monkeypatch, name, taken
):
    context = SSLContext(PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    stand_in.socket = context.wrap_socket(stand_in.socket, server_side=True, do_handshake_on_connect=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    look_up = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: look_up("127.0.0.1", *rest, **more))
    stand_in.handle_error = lambda *_who: None
    add_webhook(f"https://{name}:{stand_in.server_port}/", by=researcher)
    happens(booking)

    assert (deliver(), len(stand_in.received)) == (taken, taken)
    assert taken or "CERTIFICATE_VERIFY_FAILED" in WebhookDelivery.objects.get().last_error


def test_who_answers_byte_by_byte_is_hung_up_on(booking, researcher, monkeypatch):
    monkeypatch.setattr(reach, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        add_webhook(f"http://127.0.0.1:{listener.getsockname()[1]}/", by=researcher)
        happens(booking)
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        begun = time.monotonic()
        assert deliver() == 0
        assert time.monotonic() - begun < 3
    thread.join(timeout=10)


def drip(listener):
    peer, _address = listener.accept()
    with peer:
        for _ in range(100):
            try:
                peer.send(b"H")
            except OSError:
                return
            time.sleep(0.1)


def test_one_worker_at_a_time_calls(endpoint, booking, stand_in):
    happens(booking)
    meanwhile = []

    def other_worker():
        meanwhile.append(deliver())
        connection.close()

    def look_in(_address):
        thread = threading.Thread(target=other_worker)
        thread.start()
        thread.join(timeout=10)
        return True

    assert deliver_due_webhooks(vet=look_in) == 1
    assert (meanwhile, len(stand_in.received)) == ([0], 1)


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


def test_what_is_removed_while_it_is_called_breaks_nothing(stand_in, endpoint, booking):
    happens(booking)

    def remove(_address):
        WebhookEndpoint.objects.all().delete()
        return True

    assert deliver_due_webhooks(vet=remove) == 1


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
