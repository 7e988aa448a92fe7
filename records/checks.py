"""What the database must be able to do before anything is written into it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import OperationalError

OLDEST = 14

UNREACHABLE = "The database does not answer: {why}"
TOO_OLD = f"PostgreSQL {OLDEST} or newer is needed; this one is {{version}}."
NO_CHINESE = (
    "The database does not know Chinese letters (LC_CTYPE is C), so that searching for them finds nothing. "
    "Make it with --locale=C.UTF-8, or with --locale-provider=builtin --builtin-locale=C.UTF-8."
)


@register(Tags.database)
def database_is_fit(databases: Iterable[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """Version and character type of each database that a command is about to use."""
    return [message for name in databases or [] for message in faults_of(connections[name])]


def faults_of(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """What makes a database unfit, one sentence each."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000, '扫' ~ '[[:alpha:]]'")
            version, knows_chinese = cursor.fetchone()
    except OperationalError as error:
        return [Error(UNREACHABLE.format(why=str(error).strip().splitlines()[0]), id="jishi.E001")]
    if version < OLDEST:
        return [Error(TOO_OLD.format(version=version), id="jishi.E002")]
    return [] if knows_chinese else [Error(NO_CHINESE, id="jishi.E003")]
