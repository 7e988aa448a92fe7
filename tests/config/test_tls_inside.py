"""The portal's own talk with PostgreSQL and Valkey over TLS, where an institution's rules want that inside too."""

from __future__ import annotations

import os
import select
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests.certificates import certificate

ROOT = Path(__file__).parents[2]
TALK = """
import django
django.setup()
from django.core.cache import cache
from django.db import connection
from common.queue import queue_depth
from config.celery import app
with connection.cursor() as cursor:
    cursor.execute("SELECT 1")
cache.set("inside", "said")
with app.connection_for_write() as broker:
    broker.default_channel.client.ping()
print(cache.get("inside"), queue_depth() is not None)
"""


class Front(ThreadingTCPServer):
    """TLS in front of a server that speaks none; lets in only whom the certificate's maker vouches for."""

    daemon_threads = True

    def __init__(self, behind: str, certificates: Path, *, asked_first: bool) -> None:
        super().__init__(("127.0.0.1", 0), Through)
        address = urlsplit(behind)
        self.behind, self.asked_first = (address.hostname, address.port), asked_first
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.verify_mode = ssl.CERT_REQUIRED
        self.context.load_verify_locations(certificates / "maker.pem")
        self.context.load_cert_chain(certificates / "server.pem", certificates / "server.key")
        self.spoken: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Through(BaseRequestHandler):
    def handle(self) -> None:
        if self.server.asked_first:  # PostgreSQL's SSLRequest
            self.request.recv(8)
            self.request.send(b"S")
        with suppress(OSError), self.server.context.wrap_socket(self.request, server_side=True) as talk:
            self.server.spoken.append(talk.version())
            with socket.create_connection(self.server.behind) as behind:
                while True:
                    ready = [talk] if talk.pending() else select.select([talk, behind], [], [])[0]
                    for each in ready:
                        data = each.recv(65536)
                        if not data:
                            return
                        (behind if each is talk else talk).sendall(data)


@pytest.fixture
def certificates(tmp_path):
    """A maker of certificates, one of its own for the servers and one for the portal, and another maker."""

    for name, of, by in (
        ("maker", "", ""),
        ("stranger", "", ""),
        ("server", "localhost", "maker"),
        ("jishi", "", "maker"),
    ):
        certificate(tmp_path, name, of=of, by=by)
    return tmp_path


@pytest.mark.parametrize(
    ("database_by", "queue_by", "reached"),
    [("maker", "maker", True), ("stranger", "maker", False), ("maker", "stranger", False), ("maker", "", False)],
)
def test_the_database_and_the_queue_are_asked_over_tls_and_their_certificates_looked_at(
    certificates, database_by, queue_by, reached
):
    database = Front(os.environ["DATABASE_URL"], certificates, asked_first=True)
    queue = Front(settings.REDIS_URL, certificates, asked_first=False)
    cert, key = certificates / "jishi.pem", certificates / "jishi.key"

    def through(address, front, words):
        parts = urlsplit(address)
        who, _at, _place = parts.netloc.rpartition("@")
        query = "&".join(f"{name}={value}" for name, value in words.items())
        return f"{who}@localhost:{front.server_address[1]}{parts.path}?{query}"

    says = {"sslmode": "verify-full", "sslrootcert": certificates / f"{database_by}.pem"}
    asked = through(os.environ["DATABASE_URL"], database, {**says, "sslcert": cert, "sslkey": key})
    says = {"ssl_ca_certs": certificates / f"{queue_by}.pem"} if queue_by else {}
    queued = through(settings.REDIS_URL, queue, {**says, "ssl_certfile": cert, "ssl_keyfile": key})
    environment = {**os.environ, "DATABASE_URL": f"postgres://{asked}", "REDIS_URL": f"rediss://{queued}"}
    done = subprocess.run(
        [sys.executable, "-c", TALK], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.stdout.split() == ["said", "True"]) is reached, done.stderr
    assert bool(database.spoken) is (database_by == "maker")
    assert bool(queue.spoken) is reached
    assert reached or "certificate verify failed" in done.stderr
