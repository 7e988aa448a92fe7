"""`./portal drill`: restores a backup onto an empty server and proves that it is all there and fits together."""

import contextlib
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from launcher import postgres
from launcher.archive import DUMP, Manifest, sha256_of, unpacked
from launcher.backup import environment_of, make_backup
from launcher.database import Database
from launcher.places import ROOT, DataFolder
from launcher.restore import put_back, refuse_wrong_keys, roles_not_here
from launcher.servers import claimed, end_orphans
from launcher.speech import say
from launcher.variables import secrets_of

# What must not be there: (what, the table that it is asked of, how many there are).
NEVER = [
    (
        "claims that overlap",
        "bookings_claim",
        """SELECT count(*) FROM (SELECT starts_at < lag(ends_at) OVER
           (PARTITION BY instrument_id, unit ORDER BY starts_at) AS meets FROM bookings_claim) AS pairs
           WHERE meets""",
    ),
    (
        "operators in two places at once",
        "bookings_operatorclaim",
        """SELECT count(*) FROM (SELECT starts_at < lag(ends_at) OVER
           (PARTITION BY operator_id ORDER BY starts_at) AS meets FROM bookings_operatorclaim) AS pairs
           WHERE meets""",
    ),
    (
        "ledger entries that do not balance",
        "billing_ledgerleg",
        """SELECT count(*) FROM (SELECT FROM billing_ledgerleg GROUP BY entry_id, currency
           HAVING sum(amount) <> 0) AS unbalanced""",
    ),
    (
        "wallets whose balance is not the sum of their legs",
        "billing_ledgerleg",
        """SELECT count(*) FROM billing_wallet w WHERE w.balance <> (SELECT coalesce(sum(l.amount), 0)
           FROM billing_ledgerleg l WHERE l.wallet_id = w.id AND l.account = 'wallet')""",
    ),
    (
        "gaps in the numbers of invoices",
        "billing_invoice",
        """SELECT count(*) FROM (SELECT number - lag(number, 1, 0) OVER
           (PARTITION BY seller_id, year ORDER BY number) AS step FROM billing_invoice WHERE number IS NOT NULL)
           AS steps WHERE step <> 1""",
    ),
    ("constraints that are not checked", "", "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"),
    ("triggers that are switched off", "", "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D'"),
]
STORED = "SELECT left(sha256, 2) || '/' || id, sha256 FROM records_storedfile"


@dataclass(frozen=True)
class Finding:
    """One line of the drill's table; `wrong` is how many things are not as they should be."""

    what: str
    looked_at: str
    wrong: int


def drill(data: DataFolder, archive: Path | None) -> int:
    """Restore a backup (the one given, or one made now) onto a scratch server, and show what was proved."""
    begun = time.monotonic()
    with environment_of(data) as environment:
        made = archive or make_backup(data, environment, to=data.path / "backups")
    taken = time.monotonic() - begun
    with scratch(data.path / "drill") as (place, database):
        begun = time.monotonic()
        findings = prove(made, environment, place, database)
        seconds = time.monotonic() - begun
    if archive is None:
        say(f"The backup took {taken:.1f} s.")
    size = made.stat().st_size
    say(f"{made} ({size / 1e6:.1f} MB) was restored and proved in {seconds:.1f} s.\n")
    return told(findings)


def told(findings: list[Finding]) -> int:
    """Print the table; 1 if anything is wrong."""
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        verdict = "ok" if not finding.wrong else f"WRONG: {finding.wrong}"
        say(f"  {finding.what:<{width}}  {finding.looked_at:>24}  {verdict}")
    wrong = sum(1 for finding in findings if finding.wrong)
    say(f"\n{wrong} of {len(findings)} checks failed: do not rely on this backup." if wrong else "\nThe backup holds.")
    return 1 if wrong else 0


@contextlib.contextmanager
def scratch(folder: Path) -> Iterator[tuple[Path, Database]]:
    """An empty server of its own, gone afterwards; the portal's own database is never touched."""
    data = DataFolder(folder)
    data.make()
    with claimed(data):
        end_orphans(data)
        for leftover in (data.postgres, data.path / "files", data.path / "unpacked"):
            shutil.rmtree(leftover, ignore_errors=True)
        known = secrets_of(data.secrets)
        passwords = {postgres.OWNER: known["postgres_owner"], postgres.PORTAL: known["postgres_portal"]}
        server = postgres.postgres_service(data, passwords=passwords, testing=False, durable=False)
        try:
            server.start()
            postgres.wait_until_ready(data, server)
            yield data.path, Database(postgres.address(data, role=postgres.OWNER, password=passwords[postgres.OWNER]))
        finally:
            server.stop()
            shutil.rmtree(data.path, ignore_errors=True)


def prove(archive: Path, environment: Mapping[str, str], place: Path, database: Database) -> list[Finding]:
    """Restore a backup into an empty database and a folder, and look at what came of it."""
    folder = place / "unpacked"
    folder.mkdir()
    manifest = unpacked(archive, folder)
    refuse_wrong_keys(manifest, environment)
    size = (folder / DUMP).stat().st_size
    put_back(folder, manifest, database, place / "files", rights=not roles_not_here(manifest, database))
    hashes = Finding("every byte is as it was written", f"{len(manifest.contents)} parts", 0)
    dump = Finding("the dump was restored", f"{size / 1e6:.1f} MB", 0)
    checks: list[Callable[[], Finding]] = [
        lambda: rows_of(manifest, database),
        lambda: files_of(database, place / "files"),
        lambda: migrations_of(database),
    ]
    return [hashes, dump, *(check() for check in checks), *never(database)]


def rows_of(manifest: Manifest, database: Database) -> Finding:
    """Whether each table has as many rows as it had."""
    now = database.counts()
    wrong = sum(1 for table in now.keys() | manifest.counts if now.get(table) != manifest.counts.get(table))
    return Finding("rows of each table", f"{sum(now.values())} in {len(now)} tables", wrong)


def files_of(database: Database, files: Path) -> Finding:
    """Whether each row of a stored file finds its bytes, unchanged."""
    rows = database.ask(STORED) if database.has("records_storedfile") else []
    wrong = 0
    for place, sha256 in rows:
        path = files / place
        wrong += not path.is_file() or sha256_of(path) != sha256
    return Finding("stored files by their rows", f"{len(rows)} files", wrong)


def migrations_of(database: Database) -> Finding:
    """Whether this code knows the tables: a backup of a newer portal wants a newer portal."""
    ours = {place.parents[1].name for place in ROOT.glob("*/migrations/__init__.py")}
    rows = database.ask("SELECT app, name FROM django_migrations") if database.has("django_migrations") else []
    unknown = [
        name for app, name in rows
        if app in ours and not (ROOT / app / "migrations" / f"{name}.py").is_file()
    ]  # fmt: skip
    return Finding("migrations that this code knows", f"{len(rows)} migrations", len(unknown))


def never(database: Database) -> list[Finding]:
    """What must not be there, where its table is."""
    findings = []
    for what, table, sql in NEVER:
        if not table or database.has(table):
            rows = f"{database.ask(f'SELECT count(*) FROM {table}')[0][0]} rows" if table else "all"  # noqa: S608
            findings.append(Finding(f"no {what}", rows, int(database.ask(sql)[0][0])))
    return findings
