"""Asks a virus scanner, where there is one: ClamAV's daemon at CLAMD_URL (`tcp://host:3310` or `unix:///path`).

Protocol: INSTREAM of clamd(8). Not asked without CLAMD_URL; with it, a file that was not scanned is not taken.
"""

from __future__ import annotations

import socket
import struct
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from common.errors import Refusal, Refused

log = structlog.get_logger()

PIECE = 64 * 1024
PATIENCE = 30  # seconds, for each step
PORT = 3310
LONGEST_ANSWER = 4096


def refuse_infected(data: bytes) -> None:
    """Raise Refused (`infected`, `not_scanned`) unless the scanner finds nothing, or there is none to ask."""
    if not settings.CLAMD_URL:
        return
    try:
        answer = _asked(settings.CLAMD_URL, data)
    except (OSError, ValueError) as error:
        log.error("scanner_away", why=type(error).__name__)
        answer = ""
    if answer == "stream: OK":
        return
    if answer.endswith(" FOUND"):
        log.warning("file_infected", found=answer[:200])
        raise Refused([Refusal("infected", _("The virus scanner found something in the file."), "file")])
    raise Refused([Refusal("not_scanned", _("The virus scanner does not answer. Try again later."), "file")])


def _asked(url: str, data: bytes) -> str:
    with _connected(url) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), PIECE):
            piece = data[start : start + PIECE]
            connection.sendall(struct.pack(">I", len(piece)) + piece)
        connection.sendall(struct.pack(">I", 0))
        answer = b""
        while len(answer) < LONGEST_ANSWER and (more := connection.recv(LONGEST_ANSWER)):
            answer += more
    return answer.rstrip(b"\0\n").decode(errors="replace")


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE)
        connection.connect(parts.path)
        return connection
    return socket.create_connection((parts.hostname or "localhost", parts.port or PORT), PATIENCE)
