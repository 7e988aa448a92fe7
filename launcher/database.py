"""Asking a PostgreSQL through its own programs (psql, pg_dump, pg_restore): the launcher has no driver."""

import contextlib
import functools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import parse_qsl, unquote, urlsplit

from launcher.places import ROOT
from launcher.postgres import installations, plain_environment
from launcher.speech import Stop, last_lines

# Stops at the first error; no file of the person's changes what it does; bare values, a tab between two.
PSQL = ("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t", "--set=ON_ERROR_STOP=1")
TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
"""
Rows = list[list[str]]


@dataclass(frozen=True)
class Database:
    """One database, as the role that owns its tables."""

    url: str

    @functools.cached_property
    def environment(self) -> dict[str, str]:
        """How its programs find it: by the environment, so that no list of processes shows the password."""
        parts = urlsplit(self.url)
        host, _, port = parts.netloc.rpartition("@")[2].partition(":")
        found = {
            "PGHOST": unquote(host),
            "PGPORT": port,
            "PGUSER": unquote(parts.username or ""),
            "PGPASSWORD": unquote(parts.password or ""),
            "PGDATABASE": unquote(parts.path.lstrip("/")),
            **{f"PG{name.upper()}": value for name, value in parse_qsl(parts.query)},
        }
        return {**plain_environment(), **{name: value for name, value in found.items() if value}}

    @property
    def name(self) -> str:
        """What the server calls it."""
        return self.environment.get("PGDATABASE", "")

    @functools.cached_property
    def programs(self) -> Path:
        """The programs of the server's own major version, or else of the next newer one that is here."""
        major = int(_ask(_programs_here()[-1][1] / "psql", self, "SHOW server_version_num")[0][0]) // 10_000
        for number, folder in _programs_here():
            if number >= major:
                return folder
        raise Stop(f"The server is PostgreSQL {major}, and pg_dump here is older: install PostgreSQL {major}'s client.")

    def ask(self, sql: str) -> Rows:
        """The rows of a statement, as text."""
        return _ask(self.programs / "psql", self, sql)

    def tables(self) -> list[str]:
        """The tables of the portal."""
        return [row[0] for row in self.ask(TABLES)]

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = self.tables()
        return counted(self.ask(counting(tables))) if tables else {}

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return self.ask(f"SELECT to_regclass('public.{table}') IS NOT NULL")[0][0] == "t"

    @contextlib.contextmanager
    def talking(self, program: str, *words: str, stdin: IO[bytes] | int | None = None) -> Iterator["Talk"]:
        """One of its programs, with pipes to and from it; ended when the block ends, however that is."""
        with subprocess.Popen(
            [str(self.programs / program), *words],
            env=self.environment,
            cwd=ROOT,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if stdin is not None else subprocess.PIPE,
        ) as process:
            try:
                yield Talk(process)
            finally:
                if process.poll() is None:
                    process.kill()
                with contextlib.suppress(BrokenPipeError):
                    if process.stdin:
                        process.stdin.close()


@dataclass(frozen=True)
class Talk:
    """A program that is being talked to."""

    process: "subprocess.Popen[bytes]"

    def ask(self, sql: str) -> Rows:
        """The rows of one statement in a session of psql that stays open."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{sql};\n\\echo THAT-IS-ALL\n".encode())
        self.process.stdin.flush()
        lines: list[str] = []
        for line in self.process.stdout:
            if line == b"THAT-IS-ALL\n":
                return [said.split("\t") for said in lines if said]
            lines.append(line.decode().rstrip("\n"))
        raise Stop("The database broke off:\n" + last_lines("\n".join(lines)))


def counting(tables: Sequence[str]) -> str:
    """The statement that counts the rows of all these tables at one moment."""
    each = [f"""SELECT '{table}', count(*) FROM public."{table}" """ for table in tables]  # noqa: S608 (our tables)
    return " UNION ALL ".join(each)


def counted(rows: Rows) -> dict[str, int]:
    """What it answers."""
    return {table: int(count) for table, count in rows}


def _ask(psql: Path, database: Database, sql: str) -> Rows:
    done = subprocess.run(
        [str(psql), *PSQL, "--command", sql], env=database.environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Stop(f"The database {database.name} did not answer:\n{last_lines(done.stderr)}")
    return [line.split("\t") for line in done.stdout.splitlines() if line]


@functools.cache
def _programs_here() -> list[tuple[int, Path]]:
    """The folders with psql and pg_dump on this machine by their version, oldest first."""
    on_path = shutil.which("pg_dump")
    folders = [found.programs for found in installations()] + ([Path(on_path).parent] if on_path else [])
    found: dict[int, Path] = {}
    for folder in folders:
        if all(os.access(folder / name, os.X_OK) for name in ("psql", "pg_dump", "pg_restore")):
            command = [str(folder / "pg_dump"), "--version"]
            said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
            if number := re.search(r"\s(\d+)", said):
                found.setdefault(int(number[1]), folder)
    if not found:
        raise Stop("pg_dump is not on this machine: install PostgreSQL's client (on Debian: postgresql-client).")
    return sorted(found.items())
