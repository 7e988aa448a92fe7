"""The tests' databases are copies of one that was really migrated, once for each state of the migrations.

After a test that commits, the tables hold again what the migrations had put there. Django's `flush` takes that away,
so that tests would depend on their order; and it makes five hundred files anew: half a second on some disks.
"""

from __future__ import annotations

import fcntl
import gc
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pgtrigger
from django.db import connection
from django.db.models import Model

from launcher.database import Database
from launcher.places import ROOT
from launcher.stamps import digest_of_contents, migration_sources

PREFIX = "jishi_migrated_"
DUMPS = ROOT / ".data" / "migrated"  # one for all servers of the tests

KEEP = """
CREATE SCHEMA migrated;

CREATE VIEW migrated.tables AS
SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations';

DO $$ DECLARE t text; filled boolean; BEGIN
    FOR t IN TABLE migrated.tables LOOP
        EXECUTE format('SELECT EXISTS (TABLE public.%I)', t) INTO filled;
        IF filled THEN EXECUTE format('CREATE TABLE migrated.%1$I AS TABLE public.%1$I', t); END IF;
    END LOOP;
END $$;

CREATE FUNCTION migrated.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t text; kept boolean; changed boolean; BEGIN
    FOR t, kept IN SELECT name, to_regclass(format('migrated.%I', name)) IS NOT NULL FROM migrated.tables LOOP
        changed := true;
        IF kept THEN
            EXECUTE format('SELECT EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE migrated.%1$I)
                UNION ALL (TABLE migrated.%1$I EXCEPT ALL TABLE public.%1$I))', t) INTO changed;
        END IF;
        IF changed THEN EXECUTE format('DELETE FROM public.%I', t); END IF;
        IF changed AND kept THEN EXECUTE format('INSERT INTO public.%1$I TABLE migrated.%1$I', t); END IF;
    END LOOP;
END $$
"""


@contextmanager
def without_constraint(model: type[Model], name: str) -> Iterator[None]:
    """For negative controls: the constraint is off in the block. What was written meanwhile may break it, and goes."""
    constraint = next(each for each in model._meta.constraints if each.name == name)
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        model._default_manager.all().delete()
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)


def number(sql: str) -> int:
    """What a question with one number for its answer is answered with."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def migrated() -> str:
    """The name of the database that is copied; made if need be."""
    used = [*sorted(ROOT.glob("common/*.py")), *sorted(ROOT.glob("*/data/*")), Path(__file__)]
    name = PREFIX + digest_of_contents([*migration_sources(), *used])[:16]
    with connection._nodb_cursor() as server:
        server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX])
        there = {row[0] for row in server.fetchall()}
        if name not in there:
            for old in there:
                server.execute(f'DROP DATABASE "{old}"')
            unfinished = f"{PREFIX}unfinished"
            with _alone(), tempfile.TemporaryDirectory() as folder:
                dump = DUMPS / f"{name}.sql"
                if dump.exists():
                    server.execute(f'CREATE DATABASE "{unfinished}"')
                    _psql("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", f"--file={dump}")
                else:
                    with _made(unfinished), connection.cursor() as cursor:
                        cursor.execute(KEEP)
                    for old in DUMPS.glob("*.sql"):
                        old.unlink()
                    whole = Path(folder, "whole.sql")
                    _psql("pg_dump", "--no-owner", f"--file={whole}")
                    shutil.copy(whole, dump)
            server.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time, whichever its server: migrating takes half a minute, loading what came of it a second."""
    DUMPS.mkdir(parents=True, exist_ok=True)
    with Path(DUMPS, "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _psql(program: str, *words: str) -> None:
    """One of PostgreSQL's programs on the unfinished database."""
    now = connection.settings_dict
    place = f"{now['USER']}:{quote(now['PASSWORD'])}@{now['HOST']}:{now['PORT']}/{PREFIX}unfinished"
    database = Database(f"postgres://{place}")
    command = [str(database.programs / program), *words]
    subprocess.run(command, env=database.environment, check=True, capture_output=True)


@contextmanager
def _made(name: str) -> Iterator[str]:
    now: dict[str, Any] = connection.settings_dict
    usual, of_tests = now["NAME"], now["TEST"]["NAME"]
    now["TEST"]["NAME"] = name
    gc.disable()  # as manage.py does
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    gc.enable()
    yield name
    connection.close()
    now["NAME"], now["TEST"]["NAME"] = usual, of_tests


def restore() -> None:
    """Let the tables hold what they held after the migrations."""
    with pgtrigger.ignore(), connection.cursor() as cursor:  # what a test leaves behind has no history
        cursor.execute("SELECT migrated.restore()")
