"""A webhook leads out into the internet, never back into our own network, and keeps nobody waiting."""

from __future__ import annotations

import socket
import threading
import time
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from unittest.mock import patch

import pytest

from common import reach
from common.errors import WrongInput
from notifications.models import WebhookDelivery
from notifications.services import add_webhook, deliver_due_webhooks
from tests.certificates import certificate
from tests.notifications.stand_in import deliver, happens

pytestmark = pytest.mark.django_db(transaction=True)


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

    def not_ten(_host, address):
        seen.append(str(address))
        return not str(address).startswith("10.")

    with patch.object(socket, "getaddrinfo", resolver):
        assert deliver_due_webhooks(vet=not_ten) == 1

    assert (looked_up, seen) == (["hooks.example"], ["10.0.0.1", "127.0.0.1"])
    assert stand_in.received[0][1]["Host"] == f"hooks.example:{stand_in.server_port}"


def test_with_a_list_of_hosts_no_other_is_taken_or_called(stand_in, booking, researcher, settings, monkeypatch):
    look_up, port = socket.getaddrinfo, stand_in.server_port
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: look_up("127.0.0.1", *rest, **more))
    monkeypatch.setattr(reach, "is_public", lambda _address: True)
    settings.OUTBOUND_HOSTS = ["lims.example", ".institute.example"]

    for name in ("else.example", "lims.example.org", "institute.example", "notinstitute.example"):
        with pytest.raises(WrongInput, match="not_listed"):
            add_webhook(f"http://{name}:{port}/", by=researcher)
    for name in ("LIMS.example", "hooks.institute.example"):
        add_webhook(f"http://{name}:{port}/", by=researcher)
    happens(booking)
    assert deliver_due_webhooks() == 2

    settings.OUTBOUND_HOSTS = ["lims.example"]
    happens(booking)
    assert deliver_due_webhooks() == 1
    errors = WebhookDelivery.objects.exclude(last_error="").values_list("last_error", flat=True)
    assert [error.partition(":")[0] for error in errors] == ["NoPublicAddressError"]


@pytest.mark.parametrize(("name", "taken"), [("hooks.example", 1), ("other.example", 0)])
def test_over_tls_the_certificate_is_asked_for_the_name(
    stand_in, tmp_path, booking, researcher, monkeypatch, name, taken
):
    context = SSLContext(PROTOCOL_TLS_SERVER)
    ours = certificate(tmp_path, "hooks", of="hooks.example")
    context.load_cert_chain(ours, ours.with_suffix(".key"))
    stand_in.socket = context.wrap_socket(stand_in.socket, server_side=True, do_handshake_on_connect=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(ours))
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
