"""`./portal restore FILE`: all of a backup, or nothing."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from launcher.archive import DUMP, FILES, Manifest, fingerprints, unpacked
from launcher.backup import environment_of
from launcher.database import PSQL, Database
from launcher.places import DataFolder
from launcher.servers import already_running, holder
from launcher.speech import Stop, last_lines, say

# What the portal's role owns in `public`, but for what belongs to extensions.
EMPTY = """
DO $$ DECLARE it record; BEGIN
    FOR it IN
        SELECT c.oid::regclass::text AS name,
               CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                              ELSE 'TABLE' END AS kind
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP %s IF EXISTS %s CASCADE', it.kind, it.name);
    END LOOP;
    FOR it IN
        SELECT p.oid::regprocedure::text AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('DROP ROUTINE IF EXISTS %s CASCADE', it.name);
    END LOOP;
END $$;
"""
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def restore(data: DataFolder, archive: Path, *, replace: str | None) -> int:
    """Put a backup into the portal of a data folder, which must not be running."""
    if holder(data):
        raise Stop(already_running(data))
    data.make()
    with tempfile.TemporaryDirectory(dir=data.path, prefix="restore-") as folder:
        say(f"Looking at every byte of {archive} …")
        manifest = unpacked(archive, Path(folder))
        with environment_of(data, may_be_new=True) as environment:
            for warning in refuse_wrong_keys(manifest, environment):
                say(warning)
            database = Database(environment["DATABASE_URL"])
            refuse_what_is_there(database, replace=replace)
            say("Restoring …")
            put_back(Path(folder), manifest, database, data.path / "files")
    # The tables are those of the backup's time: the next start brings them up to date, and loads no demo city.
    (data.path / "run" / "migrated").unlink(missing_ok=True)
    (data.path / "run" / "demo").write_text("")
    rows, files = sum(manifest.counts.values()), len(manifest.contents) - 1
    say(f"Restored the backup of {manifest.made_at}: {rows} rows of {len(manifest.counts)} tables, {files} files.")
    absent = [name for name in manifest.sealed if not (data.path / "keys" / name).is_file()]
    if absent:
        say(f"{len(absent)} of {len(manifest.sealed)} keys are not in {data.path / 'keys'}: what they seal stays shut.")
    return 0


def refuse_wrong_keys(manifest: Manifest, environment: Mapping[str, str]) -> list[str]:
    """Stop where sealed data could never be read; returns what else a changed key means."""
    here = fingerprints(environment)
    if lacking := set(manifest.keys.get("FIELD_KEYS", [])) - set(here["FIELD_KEYS"]):
        raise Stop(
            f"FIELD_KEYS here are not those of the backup (fingerprint {', '.join(sorted(lacking))} is missing): "
            "what is sealed in it could not be read. Give the keys of its time. Nothing was done."
        )
    if manifest.keys.get("SECRET_KEY") != here["SECRET_KEY"]:
        return ["SECRET_KEY is another one: everybody signs in anew, and links in older mails no longer work."]
    return []


def refuse_what_is_there(database: Database, *, replace: str | None) -> None:
    """Stop where the database is in use, or holds something and nobody has said that it may go."""
    if others := int(database.ask(OTHERS)[0][0]):
        raise Stop(f"{others} programs are connected to the database {database.name}: stop them. Nothing was done.")
    if database.tables() and replace != database.name:
        raise Stop(
            f"The database {database.name} is not empty: all that is in it would be lost. "
            f"If that is meant, say so with --replace {database.name}. Nothing was done."
        )


def put_back(unpacked_in: Path, manifest: Manifest, database: Database, files: Path, *, rights: bool = True) -> None:
    """The tables in one transaction, then the folder of files in one step; the files that were there stay beside it."""
    if rights and (unknown := roles_not_here(manifest, database)):
        raise Stop(f"The backup gives rights to {', '.join(unknown)}: make that role first. Nothing was done.")
    restore_dump(unpacked_in / DUMP, database, rights=rights)
    arrived = unpacked_in / FILES
    arrived.mkdir(exist_ok=True)
    if files.exists() and any(files.iterdir()):
        files.rename(files.with_name(f"files.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"))
    elif files.exists():
        files.rmdir()
    shutil.move(arrived, files)


def roles_not_here(manifest: Manifest, database: Database) -> list[str]:
    """The roles of a backup's rights that this server does not know."""
    known = {row[0] for row in database.ask("SELECT rolname FROM pg_roles")}
    return sorted(set(manifest.roles) - known)


def restore_dump(dump: Path, database: Database, *, rights: bool) -> None:
    """Empty the database and fill it from the dump: committed when the last line of it has been taken, else undone."""
    words = ["--no-owner", "--no-comments", *([] if rights else ["--no-acl"]), "--file=-", str(dump)]
    with (
        database.talking("pg_restore", *words) as reading,
        database.talking("psql", *PSQL, stdin=subprocess.PIPE) as to,
    ):
        assert reading.process.stdout
        assert to.process.stdin
        said = b""
        try:
            to.process.stdin.write(f"BEGIN;\nSET client_min_messages = warning;\n{EMPTY}".encode())
            shutil.copyfileobj(reading.process.stdout, to.process.stdin, 1 << 20)
            why = reading.process.communicate()[1].decode()
            if reading.process.returncode:
                raise Stop(f"The dump cannot be read:\n{last_lines(why)}\nThe database is as it was.")
            to.process.stdin.write(b"\nCOMMIT;\n")
            said = to.process.communicate()[0]
        except BrokenPipeError:
            said = to.process.stdout.read() if to.process.stdout else b""
        if to.process.wait():
            raise Stop(f"The database did not take the dump:\n{last_lines(said.decode())}\nIt is as it was.")
