"""NEMO 8.1.5, an open portal for shared instruments, on the same PostgreSQL and under the same gunicorn.

Installed from PyPI into an environment of its own below `.data`; nothing of it is committed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from tests.contention import served

PACKAGES = ["NEMO==8.1.5", "gunicorn==27.0.1", "psycopg2-binary==2.9.13"]
FOLDER = Path(settings.BASE_DIR) / ".data" / "nemo"
PYTHON = FOLDER / "venv" / "bin" / "python"
DATABASE = "peer_nemo"
SECRET = "b" * 32


@dataclass(frozen=True)
class Peer:
    """Where it answers, as its makers set it up and with connections kept; its sessions by who they are, its tools by
    name.
    """

    port: int
    keeping: int
    known: dict[str, Any]

    def headers(self, who: str) -> dict[str, str]:
        return {"Cookie": f"sessionid={self.known[who]}; csrftoken={SECRET}", "X-CSRFToken": SECRET}


def provide() -> str:
    """Install it once; returns why not, or nothing."""
    stamp = FOLDER / "installed"
    if stamp.exists() and stamp.read_text() == "\n".join(PACKAGES):
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(FOLDER / "venv")],
        [str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr.strip().splitlines() or ["pip failed"])[-1][:200]
    stamp.write_text("\n".join(PACKAGES))
    return ""


@contextmanager
def peer(*, first: datetime, week: int, page: int) -> Iterator[Peer]:
    """NEMO with so many reservations in a week of one tool, and so many of another."""
    now = connection.settings_dict
    place = {f"PEER_{name}": str(now[name]) for name in ("USER", "PASSWORD", "HOST", "PORT")} | {"PEER_NAME": DATABASE}
    place["PEER_KEEPS"] = "0"
    path = {"PYTHONPATH": str(settings.BASE_DIR), "DJANGO_SETTINGS_MODULE": "tests.benchmarks.peer_settings"}
    environment = {**os.environ, **place, **path}
    (FOLDER / "media").mkdir(exist_ok=True)

    def run(*words: str) -> str:
        done = subprocess.run(words, env=environment, cwd=FOLDER, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    with anew(DATABASE):
        run(str(PYTHON), "-m", "django", "migrate", "--verbosity", "0")
        filled = run(
            str(PYTHON), "-m", "tests.benchmarks.peer_fill", first.isoformat(), str(week), str(page)
        )  # its last line
        known = json.loads(filled.strip().splitlines()[-1])
        how = {"python": str(PYTHON), "folder": FOLDER, "ready": "/login/", **place, **path}
        with served("NEMO.wsgi", **how) as port, served("NEMO.wsgi", **{**how, "PEER_KEEPS": "600"}) as keeping:
            yield Peer(port, keeping, known)


@contextmanager
def anew(name: str, *, template: str = "template1") -> Iterator[None]:
    """A database of the tests' server for a while."""
    with connection._nodb_cursor() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield
    finally:
        with connection._nodb_cursor() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
