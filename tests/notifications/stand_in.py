"""Stand-ins: somebody's program, which is called when something happens, and somebody's transaction."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from django.db import connection, transaction

from notifications.models import Event
from notifications.services import announce, deliver_due_webhooks


def anywhere(_host, _address):
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


def happens(booking, kind="booking.confirmed", reader=None):
    to = [(reader or booking.user).pk]
    announce(kind, about=booking, to=to, href=f"/api/v1/bookings/{booking.pk}/")
    return Event.objects.latest("created_at")


def deliver():
    return deliver_due_webhooks(vet=anywhere)


@contextmanager
def under_way(act):
    """Somebody else's transaction: it has done `act`, and is committed when the block ends."""
    done, over = threading.Event(), threading.Event()

    def run():
        with transaction.atomic():
            act()
            done.set()
            over.wait(timeout=10)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert done.wait(timeout=10)
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=10)
