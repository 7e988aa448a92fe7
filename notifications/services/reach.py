"""Posting to an address that somebody else chose, without being led to machines of ours."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTP_PORT, HTTPS_PORT, HTTPConnection
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.utils.encoding import iri_to_uri

TIMEOUT = 10.0
EXCERPT = 500

Vet = Callable[[IPv4Address | IPv6Address], bool]


@dataclass(frozen=True)
class Reply:
    """What the other side answered: the status, and how its body begins."""

    status: int
    excerpt: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class NoPublicAddressError(ConnectionError):
    """The name leads to no address that may be called."""


class VettedConnection(HTTPConnection):
    """Connects to an address that was vetted, and to no other: the name is looked up once, for both.

    The Host header and the certificate's name stay those of the URL.
    """

    def __init__(self, url: SplitResult, *, vet: Vet) -> None:
        self.is_tls, self.vet = url.scheme == "https", vet
        self.default_port = HTTPS_PORT if self.is_tls else HTTP_PORT
        super().__init__(url.hostname or "", url.port or self.default_port, timeout=TIMEOUT)

    def connect(self) -> None:
        self.sock = socket.create_connection((self._vetted_address(), self.port), self.timeout)
        if self.is_tls:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def hang_up(self) -> None:
        """End a talk that takes too long: whoever waits for its next byte gets an error."""
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def _vetted_address(self) -> str:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        for *_kind, (address, *_port) in found:
            if self.vet(ip_address(address)):
                return str(address)
        raise NoPublicAddressError(f"{self.host} is at no public address")


def post_to(url: str, *, body: bytes, headers: Mapping[str, str], vet: Vet) -> Reply:
    """POST to `url` if `vet` accepts its address, following no redirect.

    Raises OSError, HTTPException or ValueError. Connecting, TLS and answering end after 10 s each, also when the
    other side sends a byte now and then.
    """
    parts = urlsplit(url)
    target = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    with closing(VettedConnection(parts, vet=vet)) as connection:
        connection.connect()
        deadline = Timer(TIMEOUT, connection.hang_up)
        deadline.start()
        try:
            connection.request("POST", target, body, dict(headers))
            response = connection.getresponse()
            return Reply(response.status, response.read(EXCERPT).decode(errors="replace").replace("\x00", ""))
        finally:
            deadline.cancel()
