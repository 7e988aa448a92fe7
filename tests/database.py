"""The tests' databases are copies of one that was really migrated, once for each state of the migrations.

After a test that commits, the tables hold again what the migrations had put there. Django's `flush` takes that away,
so that tests would depend on their order; and it makes five hundred files anew: half a second on some disks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pgtrigger
from django.db import connection

from launcher.places import ROOT
from launcher.stamps import digest_of_contents, migration_sources

PREFIX = "jishi_migrated_"

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
            with _made(f"{PREFIX}unfinished") as unfinished, connection.cursor() as cursor:
                cursor.execute(KEEP)
            server.execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')
    return name


@contextmanager
def _made(name: str) -> Iterator[str]:
    now: dict[str, Any] = connection.settings_dict
    usual, of_tests = now["NAME"], now["TEST"]["NAME"]
    now["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    yield name
    connection.close()
    now["NAME"], now["TEST"]["NAME"] = usual, of_tests


def restore() -> None:
    """Let the tables hold what they held after the migrations."""
    with pgtrigger.ignore(), connection.cursor() as cursor:  # what a test leaves behind has no history
        cursor.execute("SELECT migrated.restore()")
