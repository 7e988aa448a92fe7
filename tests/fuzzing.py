"""Cases that Schemathesis draws from the OpenAPI document, sent through the whole portal without a network."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from schemathesis import GenerationMode, openapi
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.services import make_token
from accounts.states import Scope

OFTEN = ["researcher", "researcher", "manager", "manager", "manager"]  # whose things the world is made of
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Filters are read by name and are no part of the document's parameters: what a caller may try all the same.
FILTERS = [
    "q",
    "category",
    "organisation",
    "facility",
    "instrument",
    "technique",
    "state",
    "from",
    "to",
    "mine",
    "cursor",
]
WORDS = some.one_of(
    some.text(max_size=12),
    some.sampled_from(
        ["2026-12-01T09:00:00+08:00", "2026-12-01", "9999-12-31T23:59:59Z", "sem", "confirmed", "-1", "\0"]
    ),
)


@dataclass
class Found:
    """How many cases there were, what was answered, and one example of each thing that does not fit."""

    cases: int = 0
    operations: int = 0
    asked_as: set[tuple[str, str]] = field(default_factory=set)  # which operation was asked as which role
    statuses: Counter[int] = field(default_factory=Counter)
    misfits: dict[str, str] = field(default_factory=dict)


def tokens_in(world: dict[str, Any]) -> dict[str, str]:
    """A token with every scope for each actor of the permission matrix; "visitor" has none."""
    people = world["people"].items()
    return {"visitor": "", **{role: make_token(who, by=who, name="x", scopes=Scope.values)[1] for role, who in people}}


def fuzz(world: dict[str, Any], *, cases: int) -> Found:
    """About so many cases, the same number for each operation; every one is rolled back.

    Each operation's first cases go to the roles in turn, to every one where there are enough; the others by chance.
    """
    with _connection_kept():
        return _fuzz(world, cases)


@contextmanager
def _connection_kept() -> Iterator[None]:
    """A request that ends leaves the test's connection open, as with Django's own test client."""
    signals = [request_started, request_finished]
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


def _fuzz(world: dict[str, Any], cases: int) -> Found:
    schema = openapi.from_wsgi("/api/v1/schema/?format=json", WSGIHandler())
    operations = [each.ok() for each in schema.get_all_operations()]
    tokens, found = tokens_in(world), Found(operations=len(operations))
    turns, each_gets = cycle(tokens), -(-cases // len(operations))
    for operation in operations:
        first = islice(turns, len(tokens) if each_gets > len(tokens) else 1)
        _fuzz_one(operation, world, tokens, found, each_gets, first)
        if cases > 5000:  # the world of the permission matrix switches the collector off
            gc.collect()
    return found


def _fuzz_one(
    operation: Any, world: dict[str, Any], tokens: dict[str, str], found: Found, cases: int, first: Iterator[str]
) -> None:
    names = {each.name for each in operation.path_parameters}
    known = {name: str(value) for name, value in world["values"].items() if name in names}
    modes = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
    real = [operation.as_strategy(generation_mode=mode, path_parameters=known) for mode in modes]
    invented = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    slug = world["values"]["slug"]

    @settings(
        max_examples=cases,
        phases=[Phase.generate],
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=some.one_of(*real, invented) if names else some.one_of(*real),
        role=some.sampled_from([*tokens, *OFTEN]),
        filters=some.dictionaries(some.sampled_from(FILTERS), WORDS, max_size=2),
        finds=some.booleans(),
    )
    def run(case: Any, role: str, filters: dict[str, str], finds: bool) -> None:
        if isinstance(case.body, dict) and "instrument" in case.body and finds:
            case.body["instrument"] = slug
        role = next(first, role)
        found.asked_as.add((operation.label, role))
        query = {**(case.query or {}), **(filters if operation.method.upper() == "GET" else {})}
        headers = {"Authorization": f"Bearer {tokens[role]}"} if tokens[role] else {}
        with transaction.atomic():
            response = case.call(headers=headers, params=query)
            transaction.set_rollback(True)
        found.cases += 1
        found.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            for each in group.exceptions:
                _note(found, operation, each, case, response)
        except Failure as each:
            _note(found, operation, each, case, response)

    run()


def _note(found: Found, operation: Any, failure: Any, case: Any, response: Any) -> None:
    kind = f"{operation.label}: {failure.title} {response.status_code}"
    said = response.content[:300].decode(errors="replace")
    found.misfits.setdefault(kind, f"{case.as_curl_command()}\n{failure.message[:600]}\n{said}")
