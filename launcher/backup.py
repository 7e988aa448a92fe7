"""`./portal backup`: the database and the stored files as they are now, in one file; the portal goes on meanwhile."""

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from launcher.archive import DUMP, FILES, Manifest, Writing, fingerprints, writing
from launcher.database import PSQL, TABLES, Database, counted, counting
from launcher.environment import alone, provide_packages
from launcher.places import DataFolder
from launcher.servers import attached, claimed, holder, running
from launcher.speech import Stop, last_lines, say
from launcher.variables import as_owner

ROLES = """
    SELECT DISTINCT grantee FROM information_schema.role_table_grants
    WHERE table_schema = 'public' AND grantee NOT IN ('PUBLIC', current_user)
"""
ARRIVING = "arriving"  # where files are written before they get their place


def backup(data: DataFolder, *, to: Path | None) -> int:
    """Make a backup of the portal of a data folder, running or not."""
    with environment_of(data) as environment:
        archive = make_backup(data, environment, to=to or data.path / "backups")
    say(f"The backup is {archive} ({archive.stat().st_size / 1e6:.1f} MB).")
    missing = "It does not hold the keys. Without these, kept elsewhere, it opens only in part:"
    say(f"{missing} {data.secrets} or the variables SECRET_KEY and FIELD_KEYS, and {data.path / 'keys'}.")
    return 0


@contextlib.contextmanager
def environment_of(data: DataFolder, *, may_be_new: bool = False) -> Iterator[dict[str, str]]:
    """The owner's environment of a data folder, with its servers started for it if need be."""
    if not (may_be_new or data.postgres.exists() or os.environ.get("DATABASE_URL")):
        raise Stop(f"There is no portal in {data.path}: name its folder with --data DIR.")
    data.make()
    with alone():
        provide_packages("prod")
    if holder(data):
        yield as_owner(attached(data))
        return
    with claimed(data), running(data) as servers:
        yield as_owner(servers.environment)


def make_backup(data: DataFolder, environment: Mapping[str, str], *, to: Path) -> Path:
    """The file of a backup in the folder `to`, named by the time in UTC."""
    database = Database(environment["DATABASE_URL"])
    to.mkdir(parents=True, exist_ok=True)
    archive = to / f"jishi-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar"
    if archive.exists():
        time.sleep(1)
        return make_backup(data, environment, to=to)
    say(f"Backing up the database {database.name} and {data.path / 'files'} …")
    manifest = Manifest(
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        postgres=database.ask("SHOW server_version")[0][0],
        counts={},
        roles=[row[0] for row in database.ask(ROLES)],
        keys=fingerprints(environment),
        sealed=sorted(path.name for path in (data.path / "keys").glob("*") if path.is_file()),
    )
    with writing(archive, manifest) as out, tempfile.TemporaryDirectory(dir=to, prefix=".jishi-") as folder:
        # Files before and after the dump: each row of it finds its file, also one that came or went meanwhile.
        add_files(out, data.path / "files")
        dump = Path(folder, DUMP)
        manifest.counts = dump_into(dump, database)
        out.add(dump, DUMP)
        add_files(out, data.path / "files")
    return archive


def add_files(out: Writing, folder: Path) -> None:
    """Put every stored file into a backup that is not in it yet."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not path.is_symlink() and not name.startswith(f"{ARRIVING}/"):
            out.add(path, FILES + name)


def dump_into(dump: Path, database: Database) -> dict[str, int]:
    """Dump the database into a file; returns how many rows each table had at the very same moment."""
    with database.talking("psql", *PSQL, stdin=subprocess.PIPE) as session:
        session.ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = session.ask("SELECT pg_export_snapshot()")[0][0]
        words = ["--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={dump}"]
        with database.talking("pg_dump", *words) as dumping:
            said = dumping.process.communicate()[1].decode()
            if dumping.process.returncode:
                raise Stop(f"pg_dump did not succeed:\n{last_lines(said)}")
        tables = [row[0] for row in session.ask(TABLES.strip())]
        return counted(session.ask(counting(tables))) if tables else {}
