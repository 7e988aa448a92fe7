"""A small client of CAS 3.0: the server says who came back with a ticket, in an XML of which we read little.

python-cas and django-cas-ng would bring users, sessions and middleware of their own beside allauth's; what is left of
the protocol is one request. Source: the CAS protocol specification 3.0.3, sections 2.1, 2.5 and 2.8.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import requests
from defusedxml import ElementTree

SPACE = "{http://www.yale.edu/tp/cas}"
LONGEST = 100_000  # bytes of an answer
PATIENCE = 10  # seconds


class NotValid(Exception):  # noqa: N818 (it is no error of ours)
    """The server does not know the ticket, or does not answer as CAS does."""


@dataclass(frozen=True)
class Told:
    """What the server tells of whoever came back."""

    user: str
    attributes: dict[str, list[str]]


def login_address(server: str, service: str) -> str:
    return f"{server.rstrip('/')}/login?{urlencode({'service': service})}"


def ask(server: str, *, service: str, ticket: str) -> Told:
    """Who holds `ticket`, which was given out for `service`. Raises NotValid."""
    address = f"{server.rstrip('/')}/p3/serviceValidate"
    try:
        given = {"service": service, "ticket": ticket}
        with requests.get(address, params=given, timeout=PATIENCE, allow_redirects=False, stream=True) as answer:
            answer.raise_for_status()
            body = answer.raw.read(LONGEST + 1, decode_content=True)
    except (requests.RequestException, OSError) as error:
        raise NotValid from error
    if len(body) > LONGEST:
        raise NotValid
    return told_by(body)


def told_by(body: bytes) -> Told:
    """What an answer says. Raises NotValid."""
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as error:  # defusedxml's refusals are ValueErrors
        raise NotValid from error
    success = root.find(f"{SPACE}authenticationSuccess")
    user = (success.findtext(f"{SPACE}user") or "").strip() if success is not None else ""
    if success is None or not user:
        raise NotValid
    attributes: dict[str, list[str]] = {}
    for each in success.find(f"{SPACE}attributes") or ():
        attributes.setdefault(each.tag.rpartition("}")[2], []).append((each.text or "").strip())
    return Told(user, attributes)
