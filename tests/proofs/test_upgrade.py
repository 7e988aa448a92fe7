"""Trust 40 and 41: the version before the last migration is in use; tables are migrated, web changes over, and back.

JISHI_UPGRADE_FROM names another commit to begin with.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from os import environ
from pathlib import Path

import pytest
from django.conf import settings

from launcher.up import answers
from tests.benchmarks.peer import anew
from tests.contention import CONFIG, environment_of_tests, free_port, url_of_test_database
from tests.proofs.chaos import wait_until
from tests.proofs.pressure import Pressure

ROOT, RATE = Path(settings.BASE_DIR), 50
BOOKINGS = 50_000
DATABASE = "upgraded"
NEWER = "The database was brought up to date by a newer version of the portal"
# Run by the older code with its own tests' factories: people, an instrument, and bookings of other instruments.
FILL = f"""
import django; django.setup()
import json
from datetime import timedelta
from django.utils import timezone
from bookings.services import set_hours
from tests.factories import AROUND_THE_CLOCK, instrument, laboratory, member, token_for, university
from tests.growth import fill
centre = laboratory(university())
somebody = member("somebody", centre.organisation)
for n in range(20):
    instrument(centre, f"i{{n}}")
first = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
made = fill(somebody, first=first, last=first + timedelta(hours={BOOKINGS // 20 * 2}))
for n in range(10):
    set_hours(instrument(centre, f"own{{n}}", needs_approval=False, horizon_days=365), AROUND_THE_CLOCK)
print(json.dumps({{"token": token_for(somebody), "first": first.isoformat(), "made": made}}))
"""


def git(*words):
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout


def older_version(folder):
    """The code before the last migration landed; returns its commit and the migrations that it lacks."""
    last = git("log", "-1", "--format=%H", "--", "*/migrations/*.py").decode().strip()
    commit = git("rev-parse", "--short", environ.get("JISHI_UPGRADE_FROM", f"{last}^")).decode().strip()
    with tarfile.open(fileobj=BytesIO(git("archive", commit))) as files:
        files.extractall(folder, filter="data")
    for name in (".static", "static/vendor"):
        (folder / name).symlink_to(ROOT / name)
    for made in ROOT.glob("*locale/**/*.mo"):
        shutil.copy(made, folder / made.relative_to(ROOT))
    new = git("diff", "--name-only", "--diff-filter=A", commit, "HEAD", "--", "*/migrations/*.py").decode().split()
    names = [name.removesuffix(".py").replace("/migrations/", ".") for name in new]
    return commit, [name for name in names if not name.endswith("__init__")]


def run(folder, url, *words, refused=False):
    done = subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment_of_tests(DATABASE_URL=url), capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert (done.returncode != 0) == refused, (done.stdout + done.stderr)[-3000:]
    return done.stderr if refused else done.stdout


@contextmanager
def gunicorn(folder, url):
    """Web as a service manager would start it: from a link to the version in use, its process id in a file."""
    port, note = free_port(), folder.parent / "gunicorn.pid"
    address = {"SITE_URL": f"http://127.0.0.1:{port}", "PWD": str(folder)}
    command = [str(Path(sys.executable).with_name("gunicorn")), "--config", str(CONFIG), "config.wsgi"]
    command += ["--bind", f"127.0.0.1:{port}", "--pid", str(note), "--log-level", "warning"]
    first = subprocess.Popen(command, cwd=folder, env=environment_of_tests(DATABASE_URL=url, **address))
    try:
        wait_until(lambda: note.exists() and answers(port), seconds=60)
        yield port, note
    finally:
        notes = [note, note.with_name(f"{note.name}.2")]
        masters = {first.pid, *(int(each.read_text()) for each in notes if each.exists())}
        for pid in masters:
            if running(pid):
                os.kill(pid, signal.SIGTERM)
        first.wait(timeout=40)
        wait_until(lambda: not any(map(running, masters)), seconds=40)


def lead(link, *, to):
    link.unlink()
    link.symlink_to(to)


def change_over(note):
    """USR2: a second gunicorn, of the version to which the link leads, on the same socket; then the first may go."""
    old, second = int(note.read_text()), note.with_name(f"{note.name}.2")
    os.kill(old, signal.SIGUSR2)
    wait_until(second.exists, seconds=60)
    new = int(second.read_text())
    wait_until(lambda: len(children_of(new)) == 2, seconds=60)
    time.sleep(1)
    begun = time.monotonic()
    os.kill(old, signal.SIGTERM)
    wait_until(lambda: not running(old), seconds=60)
    wait_until(lambda: note.exists() and int(note.read_text()) == new, seconds=20)
    return time.monotonic() - begun


def children_of(pid):
    said = Path(f"/proc/{pid}/task/{pid}/children")
    return said.read_text().split() if said.exists() else []


def running(pid):
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.django_db(transaction=True)
def test_upgrade_under_pressure(tmp_path, show):
    old = tmp_path / "old"
    commit, new = older_version(old)
    current = tmp_path / "current"
    current.symlink_to(old)
    url = url_of_test_database().rpartition("/")[0] + f"/{DATABASE}"
    with anew(DATABASE):
        run(old, url, "manage.py", "migrate", "--verbosity", "0")
        known = json.loads(run(old, url, "-c", FILL).strip().splitlines()[-1])
        with gunicorn(current, url) as (port, note):
            first = datetime.fromisoformat(known["first"])
            slugs = [f"own{n}" for n in range(10)]
            pressure = Pressure(port=port, token=known["token"], slugs=slugs, first=first, per_second=RATE)
            with pressure.applied():
                time.sleep(8)
                begun = time.monotonic()
                run(ROOT, url, "manage.py", "migrate", "--verbosity", "0")
                migrated = time.monotonic() - begun
                time.sleep(4)
                lead(current, to=ROOT)
                left = change_over(note)
                ready = answers(port)
                time.sleep(8)
                lead(current, to=old)
                back = change_over(note)
                time.sleep(8)
            still = answers(port)
            refusal = run(old, url, "manage.py", "migrate", refused=True)
    asked = len(pressure.answers)
    seconds = max(each.at for each in pressure.answers) - min(each.at for each in pressure.answers)
    show(
        "The version before the last migration is upgraded in use",
        [
            ("from, with web of that version", "the commit before the last migration", commit),
            ("migrations that come", "≥ 1", ", ".join(new)),
            ("bookings in the tables", "50,000", f"{known['made']:,}"),
            ("requests", f"{RATE} a second", f"{asked:,} in {seconds:.0f} s ({pressure.counts()})"),
            ("migrate, beside them", "reported", f"{migrated:.1f} s"),
            ("web goes over to the new version, and back to the old one", "no word", f"{left:.1f} s, {back:.1f} s"),
            ("requests that failed", 0, len(pressure.failed())),
            ("slowest answer", "reported", f"{pressure.slowest():.1f} s"),
            ("what the new version, and then the old one, say of themselves", "ready", f"{ready=}, {still=}"),
            ("`migrate` of the old one on the new tables", "refuses", "refuses" if NEWER in refusal else refusal),
        ],
    )
    assert new
    assert ready
    assert still
    assert NEWER in refusal
    assert pressure.failed() == []
