"""Statements that PostgreSQL keeps prepared for as long as a connection lives: it neither reads nor plans them anew.

See decision 17.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

from common.db import NOT_KEPT, sqlstate

log = structlog.get_logger()


@dataclass(frozen=True)
class Statement:
    """SQL with `$1`, `$2` … for values that have names, in this order; the title is for who reads PostgreSQL's log."""

    title: str
    sql: str
    order: tuple[str, ...]

    @cached_property
    def name(self) -> str:
        return f"{self.title}_{sha256(self.sql.encode()).hexdigest()[:24]}"

    @cached_property
    def execute(self) -> str:
        return f"EXECUTE {self.name} ({', '.join(['%s'] * len(self.order))})"


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
                cursor.execute(f"PREPARE {statement.name} AS {statement.sql}")
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
