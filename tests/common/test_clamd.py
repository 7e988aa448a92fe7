"""The virus scanner, as a stand-in that speaks clamd's INSTREAM."""

from __future__ import annotations

import socketserver
import struct
import threading

import pytest

from common.clamd import refuse_infected
from common.errors import Refused


class Scanner(socketserver.StreamRequestHandler):
    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        pieces = []
        while length := struct.unpack(">I", self.rfile.read(4))[0]:
            pieces.append(self.rfile.read(length))
        self.server.scanned.append(b"".join(pieces))
        self.wfile.write(self.server.answer)


@pytest.fixture
def scanner(settings):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Scanner) as server:
        server.scanned, server.answer = [], b"stream: OK\0"
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_all_of_a_file_is_scanned_before_it_is_taken(scanner):
    data = bytes(range(256)) * 1000

    refuse_infected(data)

    assert scanner.scanned == [data]


@pytest.mark.parametrize(
    ("answer", "code"),
    [(b"stream: Eicar-Test-Signature FOUND\0", "infected"), (b"INSTREAM size limit exceeded. ERROR\0", "not_scanned"),
     (b"", "not_scanned")],
)  # fmt: skip
def test_what_the_scanner_does_not_pass_is_not_taken(scanner, answer, code):
    scanner.answer = answer
    with pytest.raises(Refused, match=code):
        refuse_infected(b"x")


def test_a_scanner_that_is_away_lets_nothing_through(settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    with pytest.raises(Refused, match="not_scanned"):
        refuse_infected(b"x")


def test_without_an_address_the_scanner_is_not_asked(scanner, settings):
    settings.CLAMD_URL = ""

    refuse_infected(b"x")

    assert scanner.scanned == []
