"""What we ask of PostgreSQL beyond the ORM: the only module that knows the driver and its error codes."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any, TypeVar, cast

import structlog
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, JSONField, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Cast, JSONObject

from common.metrics import BREACHES, RETRIES

log = structlog.get_logger()

SERIALIZATION_FAILURE = "40001"
DEADLOCK_DETECTED = "40P01"
IDLE = 0  # as libpq counts the states of a transaction
MOST_OFF = 60  # seconds between two clocks
# A kept statement whose columns have changed, that is not there, or is there already (`common/kept.py`).
NOT_KEPT = {"0A000", "26000", "42P05"}
TO_BE_RETRIED = {SERIALIZATION_FAILURE, DEADLOCK_DETECTED, *NOT_KEPT}

Result = TypeVar("Result")


class TimeRange(Func):
    """`tstzrange(from, to)`, half-open."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


class IsOneOf(Func):
    """`column = ANY(texts)`: one parameter for however many, where `IN` has one for each."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()

    def __init__(self, column: str, texts: Sequence[str]) -> None:
        super().__init__(column, Value(list(texts), output_field=ArrayField(TextField())))


class JSONRows(Subquery):
    """The rows of a subquery with one column of JSON, as one list: Python reads it at once, not row by row."""

    template = "to_jsonb(ARRAY(%(subquery)s))"

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        super().__init__(queryset, output_field=JSONField())


class JSONBetween(Func):
    """Of a list of JSON objects in `column` those whose text `key` lies from `first` to `last`."""

    function = "jsonb_path_query_array"
    output_field = JSONField()

    def __init__(self, column: str, key: str, first: str, last: str) -> None:
        path = Value(f"$[*] ? (@.{key} >= $first && @.{key} <= $last)")
        ends = {name: Cast(Value(value), TextField()) for name, value in (("first", first), ("last", last))}
        super().__init__(column, path, Cast(JSONObject(**ends), JSONField()))


def sqlstate(error: BaseException) -> str:
    """The five-character code of PostgreSQL behind a Django database error, or ''."""
    return getattr(error.__cause__, "pgcode", None) or ""


def constraint_of(error: BaseException) -> str:
    """The name of the constraint that was broken, or ''."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def places_in(sql: str) -> list[str]:
    """The places of parameters in SQL: each `%s`, and no `%%s`."""
    return [place for place in re.findall("%[%s]", sql) if place == "%s"]


def with_numbers(sql: str, parameters: Sequence[object], numbers: Mapping[int, int]) -> str:
    """SQL with its parameters written in; those that have a number are `$1`, `$2` …, and their values yet to come."""
    places = count()

    def number(place: re.Match[str]) -> str:
        return f"${numbers[n]}" if place[0] == "%s" and (n := next(places)) in numbers else place[0]

    constants = [each for n, each in enumerate(parameters) if n not in numbers]
    with connection.cursor() as cursor:
        return cast("bytes", cursor.mogrify(re.sub("%[%s]", number, sql), constants)).decode()


def violation_means(constraint: str, meaning: Exception) -> AbstractContextManager[None]:
    """Turn a breach of `constraint` inside the block into `meaning`, which must end the transaction around it."""
    return violations_mean({constraint: meaning})


@contextmanager
def violations_mean(meanings: Mapping[str, Exception]) -> Iterator[None]:
    """The same for several constraints."""
    try:
        # Without a savepoint, two round trips: whoever raises a meaning leaves what it did in between undone.
        with transaction.atomic(savepoint=False):
            yield
    except IntegrityError as error:
        constraint = constraint_of(error)
        if constraint not in meanings:
            raise
        BREACHES.labels(constraint).inc()
        log.warning("race_lost", constraint=constraint)
        raise _fresh(meanings[constraint]) from error


def _fresh(error: Exception) -> Exception:
    """An exception like this one: one object raised by two threads at once would mix up their tracebacks."""
    again = type(error).__new__(type(error), *error.args)
    again.__dict__.update(error.__dict__)
    return again


def take_turns(*keys: str) -> None:
    """Let one transaction at a time go on for each of these keys, until it ends; in one order for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(unnest(%s::text[]), 0) AS key"
            " ORDER BY 1) AS keys",
            [list(keys)],
        )


def empty_tables(*tables: str) -> None:
    """Empty tables of ours with all that refers to them, at once: no trigger that refuses DELETE is asked."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # nothing may wait for COMMIT on a table that is emptied
        cursor.execute(f"TRUNCATE {', '.join(map(connection.ops.quote_name, tables))} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def in_one_transaction(act: Callable[[], Result], *, tries: int = 3) -> Result:
    """Do `act` in a transaction, again when PostgreSQL ended it for another's sake (40001, 40P01) or kept no statement.

    Only an outermost transaction can be begun again: inside another one the error passes through.
    """
    for attempt in range(1, tries + 1):
        outermost = not connection.in_atomic_block
        try:
            with transaction.atomic():
                return act()
        except DatabaseError as error:
            if not outermost or attempt == tries or sqlstate(error) not in TO_BE_RETRIED:
                raise
            RETRIES.labels(sqlstate(error)).inc()
            log.warning("transaction_retried", sqlstate=sqlstate(error), attempt=attempt)
            time.sleep(random.uniform(0.01, 0.05) * attempt)
    raise AssertionError("unreachable")


def begins_a_transaction(connection: BaseDatabaseWrapper) -> bool:
    """Whether what is asked next is the first of its transaction, or all of it."""
    return connection.connection is None or connection.connection.get_transaction_status() == IDLE


def clock_off(connection: BaseDatabaseWrapper) -> int:
    """By how many seconds this machine's clock is ahead of the database's, or behind it; 0 up to a minute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        ahead = time.time() - cursor.fetchone()[0]
    return round(ahead) if abs(ahead) > MOST_OFF else 0
