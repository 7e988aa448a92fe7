"""Calling an address that somebody else chose, without being led to machines of ours."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTP_PORT, HTTPS_PORT, HTTPConnection, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Timer
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext as _

from common.errors import WrongInput

TIMEOUT = 10.0
EXCERPT = 500
REDIRECTS = {301, 302, 303, 307, 308}
MOST_REDIRECTS = 3
# All that is routed on the open internet; what maps, translates or tunnels IPv4 lies outside, 6to4 apart.
GLOBAL_UNICAST = IPv6Network("2000::/3")

# Whether a host may be called at one of its addresses.
Vet = Callable[[str, IPv4Address | IPv6Address], bool]


@dataclass(frozen=True)
class Reply:
    """What the other side answered: the status, and how its body begins."""

    status: int
    excerpt: str

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300


class NoPublicAddressError(ConnectionError):
    """The name leads to no address that may be called, or is not among those that may."""


class TooLongError(ConnectionError):
    """The answer is larger than was allowed."""


class AnswerError(ConnectionError):
    """The other side answered with something else than what was asked for: its status."""


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether it belongs to a machine on the open internet, and not to one of ours or a neighbour's."""
    if isinstance(address, IPv6Address) and (address not in GLOBAL_UNICAST or address.sixtofour):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_listed(host: str) -> bool:
    """Whether whoever runs the portal lets it call this host: `OUTBOUND_HOSTS`, of which `.example` means all below."""
    allowed: list[str] = settings.OUTBOUND_HOSTS
    host = host.lower().rstrip(".")
    return not allowed or any(host.endswith(each) if each.startswith(".") else host == each for each in allowed)


def may_be_called(host: str, address: IPv4Address | IPv6Address) -> bool:
    """The rule for what others have named: webhooks, owners' calendars, and where those lead."""
    return is_listed(host) and is_public(address)


def refuse_unless_listed(url: str, *, field: str) -> None:
    """Raises WrongInput (`not_listed`)."""
    if not is_listed(urlsplit(url).hostname or ""):
        raise WrongInput(field, "not_listed", _("Whoever runs this portal does not let it call that host."))


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
            if self.vet(self.host, ip_address(address)):
                return str(address)
        raise NoPublicAddressError(f"{self.host} is at no address that may be called")


def post_to(url: str, *, body: bytes, headers: Mapping[str, str], vet: Vet) -> Reply:
    """POST to `url` if `vet` accepts its address, following no redirect.

    Raises OSError, HTTPException or ValueError. Connecting, TLS and answering end after 10 s each, also when the
    other side sends a byte now and then.
    """
    response, answer = _talk("POST", url, body=body, headers=headers, vet=vet, most=EXCERPT)
    return Reply(response.status, answer.decode(errors="replace").replace("\x00", ""))


def get_from(url: str, *, vet: Vet, limit: int) -> bytes:
    """What lies at `url` (http or https), at most `limit` bytes; up to three redirects, each address vetted anew.

    Raises OSError (TooLongError, AnswerError, NoPublicAddressError among them), HTTPException or ValueError.
    """
    headers = {"User-Agent": "Jishi", "Accept-Encoding": "identity"}
    for _redirect in range(MOST_REDIRECTS + 1):
        if urlsplit(url).scheme not in {"http", "https"}:
            break
        response, answer = _talk("GET", url, body=None, headers=headers, vet=vet, most=limit + 1)
        if response.status in REDIRECTS:
            url = urljoin(url, response.headers.get("Location", ""))
            continue
        if response.status != 200:
            raise AnswerError(f"HTTP {response.status}")
        if len(answer) > limit:
            raise TooLongError(f"more than {limit} bytes")
        return answer
    raise AnswerError("led elsewhere again and again")


def _talk(
    method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], vet: Vet, most: int
) -> tuple[HTTPResponse, bytes]:
    parts = urlsplit(url)
    target = iri_to_uri((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    with closing(VettedConnection(parts, vet=vet)) as connection:
        connection.connect()
        deadline = Timer(TIMEOUT, connection.hang_up)
        deadline.start()
        try:
            connection.request(method, target, body, dict(headers))
            response = connection.getresponse()
            return response, response.read(most)
        finally:
            deadline.cancel()
