"""What the database must be able to do before anything is written into it, and how it and Redis must be talked to."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Doubt
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

from common.db import clock_off

OLDEST = 14

UNREACHABLE = "The database does not answer: {why}"
TOO_OLD = f"PostgreSQL {OLDEST} or newer is needed; this one is {{version}}."
NO_CHINESE = (
    "The database does not know Chinese letters (LC_CTYPE is C), so that searching for them finds nothing. "
    "Make it with --locale=C.UTF-8, or with --locale-provider=builtin --builtin-locale=C.UTF-8."
)
CLOCK_OFF = (
    "The clock of this machine is {seconds} s {way} that of the database. What is past and what is to come would be "
    "taken wrongly: set both clocks (NTP), then start again. Nothing was changed."
)
NEWER = (
    "The database was brought up to date by a newer version of the portal, which knows {names}. Start that version, or "
    "restore a backup from before. Nothing was changed."
)
PLAIN = "{name} leads to another machine, and what is said on the way can be read: say {how} (docs/running-it.md)."


@register(Tags.security, deploy=True)
def talk_between_machines_is_sealed(**_kwargs: Any) -> list[CheckMessage]:
    """Whether PostgreSQL and Redis on other machines are asked by TLS, and their certificates looked at."""
    database, queue = connections["default"].settings_dict, urlsplit(settings.REDIS_URL)
    options, found = database["OPTIONS"], []
    if is_elsewhere(options.get("host") or database["HOST"]) and options.get("sslmode") != "verify-full":
        found.append(PLAIN.format(name="DATABASE_URL", how="sslmode=verify-full"))
    looks = queue.scheme == "rediss" and "ssl_cert_reqs=required" in queue.query
    if is_elsewhere(queue.hostname or "") and not looks:
        found.append(PLAIN.format(name="REDIS_URL", how="rediss:// without ssl_cert_reqs, or with required"))
    return [Doubt(sentence, id="jishi.W001") for sentence in found]


def is_elsewhere(host: str) -> bool:
    """Whether it is another machine. A name without a dot is a container beside this one; a path is a socket."""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return "." in host and not host.startswith("/")


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
    found: list[CheckMessage] = [] if knows_chinese else [Error(NO_CHINESE, id="jishi.E003")]
    if seconds := clock_off(connection):
        way = "ahead of" if seconds > 0 else "behind"
        found.append(Error(CLOCK_OFF.format(seconds=abs(seconds), way=way), id="jishi.E004"))
    if names := of_a_newer_version(connection):
        found.append(Error(NEWER.format(names=", ".join(names)), id="jishi.E005"))
    return found


def of_a_newer_version(connection: BaseDatabaseWrapper) -> list[str]:
    """Migrations of our apps that the database has seen and this code does not know."""
    loader = MigrationLoader(connection, load=False)
    loader.load_disk()
    known = {*loader.disk_migrations, *(old for each in loader.disk_migrations.values() for old in each.replaces)}
    applied = MigrationRecorder(connection).applied_migrations()
    return [
        f"{app}.{name}" for app, name in sorted(applied) if app in loader.migrated_apps and (app, name) not in known
    ]
