"""Links that somebody guesses: every route with an id or a secret in its address, asked for with made-up ones."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from common.ids import new_id
from tests.test_permissions import ask, path_of, routes, said, words_of

ACTORS = ["visitor", "individual", "researcher", "firm", "guardian"]
# What an answer says that gives nothing away: nothing here, or sign in first.
NOTHING = {401, 404}
REFUSED = {400, 403}
RANDOM_BITS = 62  # of the low end of a UUIDv7; the high end is the time, which a guesser may know
SECRETS = {"secret": 32, "code": 16, "key": 32, "uidb36": 8}  # bytes


@dataclass
class Found:
    """How many guesses, over how many routes, which were hits, and the answers."""

    guesses: int = 0
    routes: set[str] = field(default_factory=set)
    refused: int = 0  # as with the real address: the role is refused before anything is looked up
    hits: list[str] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)


def guessable() -> list[tuple[str, frozenset[str]]]:
    """The routes whose address holds an id or a secret; Django's admin is its own."""
    sent_back = {"account_confirm_email", "account_reset_password_from_key"}  # pages that say that a link is over
    found = sorted({route for route in routes() if route[1]})
    return [
        (name, arguments)
        for name, arguments in found
        if not name.startswith("admin:")
        and name not in sent_back
        and (arguments & SECRETS.keys() or any(each.endswith("_id") for each in arguments) or "sha256" in arguments)
    ]


@cache
def methods_of_routes() -> dict[str, str]:
    """How each route is asked: GET where it knows it, else what the matrix names first."""
    known: dict[str, str] = {}
    for name, method in said():
        if method == "GET" or name not in known:
            known[name] = method
    return known


def guess(world: dict[str, Any], *, count: int, seed: int = 1) -> Found:
    """Ask for `count` made-up addresses, in turn over routes and actors."""
    found, random, methods = Found(), Random(seed), methods_of_routes()
    all_of_them = list(enumerate(guessable()))  # each once before any twice, and in the end each as everybody
    turns = cycle([(*each, ACTORS[(n + turn) % len(ACTORS)]) for turn in range(len(ACTORS)) for n, each in all_of_them])
    while found.guesses < count:
        name, arguments, actor = next(turns)
        values = {**world["values"], **world["values_of"].get(name, {})}
        made_up = {argument: _made_up(argument, values[argument], random) for argument in arguments}
        path = path_of({"values": made_up, "values_of": {}}, name, arguments)
        method = methods[name]
        response = ask(world, path, name, method, actor)
        found.guesses += 1
        found.routes.add(name)
        found.statuses[response.status_code] += 1
        if response.status_code in REFUSED and refuses_alike(world, (name, arguments, actor), response, path):
            found.refused += 1
        elif is_hit(response):
            found.hits.append(f"{actor} {path}: {response.status_code}")
    return found


def refuses_alike(world: dict[str, Any], turn: tuple[str, frozenset[str], str], response: Any, path: str) -> bool:
    """Whether the real address gets the same refusal, word for word, so that it tells nothing."""
    name, arguments, actor = turn
    real = path_of(world, name, arguments)
    known = ask(world, real, name, methods_of_routes()[name], actor)
    same = known.status_code == response.status_code
    return same and words_of(known, real) == words_of(response, path)


def is_hit(response: Any) -> bool:
    """Anything but nothing, and the way to the sign-in page."""
    if response.status_code in {302, 301}:
        return "/login/" not in response["Location"]
    return response.status_code not in NOTHING


def _made_up(argument: str, real: Any, random: Random) -> Any:
    """A value of the same shape; of an id the time is right, as somebody might know it."""
    if isinstance(real, UUID):
        return UUID(int=(real.int >> RANDOM_BITS << RANDOM_BITS) | random.getrandbits(RANDOM_BITS))
    if argument in SECRETS:
        return secrets.token_urlsafe(SECRETS[argument])
    if argument == "sha256":
        return f"{random.getrandbits(256):064x}"
    return real


def bits_that_vary(count: int = 200) -> int:
    """How many bits differ among ids of different milliseconds: within one they count up from a random number."""
    ids = []
    for _n in range(count):
        ids.append(new_id().int)
        time.sleep(0.001)
    return sum(1 for bit in range(128) if len({each >> bit & 1 for each in ids}) == 2)
