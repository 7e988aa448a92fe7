"""Statements that PostgreSQL keeps prepared for as long as a connection lives: it neither reads nor plans them anew.

See decision 17.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from common.db import NOT_KEPT, sqlstate

log = structlog.get_logger()

# As the driver writes their values; for a text, PostgreSQL finds out from where it stands.
TYPES = {UUID: "uuid", datetime: "timestamptz", int: "bigint", str: "unknown", list: "text[]"}


@dataclass(frozen=True)
class Statement:
    """How it is prepared, and how it is asked with values in the order of their numbers."""

    name: str
    prepare: str
    execute: str


def statement(title: str, sql: str, values: Sequence[object]) -> Statement:
    """For SQL with `$1`, `$2` … in place of values like these; the title is for who reads PostgreSQL's log."""
    name = f"{title}_{sha256(sql.encode()).hexdigest()[:24]}"
    types = ", ".join(TYPES[type(each)] for each in values)
    execute = f"EXECUTE {name} ({', '.join(['%s'] * len(values))})"
    return Statement(name, f"PREPARE {name} ({types}) AS {sql}", execute)


class Keeper:
    """Which statements are kept for which connection of this process."""

    def __init__(self) -> None:
        self.names: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()
        self.refused = False

    def prepare(self, statement: Statement, connection: BaseDatabaseWrapper) -> None:
        """Let `connection` keep the statement, unless it does."""
        connection.ensure_connection()
        names = self.names.setdefault(connection.connection, set())
        if statement.name not in names:
            with connection.cursor() as cursor:
                cursor.execute(statement.prepare)
            names.add(statement.name)

    def is_refused_by(self, error: DatabaseError) -> bool:
        """Whether a statement was not kept (a pooler gives each transaction another connection, or a migration changed
        a column): then this process asks plainly for as long as it lives.
        """
        if sqlstate(error) not in NOT_KEPT:
            return False
        self.refused = True
        log.warning("statements_not_kept", sqlstate=sqlstate(error))
        return True


keeper = Keeper()
