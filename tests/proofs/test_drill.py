"""The backup of a large database comes back whole, while people book; how long that takes."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.utils import timezone

from launcher import drill
from launcher.backup import make_backup
from launcher.places import DataFolder
from records.models import StoredFile
from tests import factories
from tests.growth import fill

FULL = os.environ.get("JISHI_PROVE") == "full"
INSTRUMENTS, DAYS, FILES = (100, 800, 2_000) if FULL else (5, 10, 10)


@pytest.mark.django_db(transaction=True)
def test_a_backup_of_a_large_database_comes_back_whole(show, tmp_path, settings, university, centre, researcher):
    data = DataFolder(tmp_path / "portal")
    data.make()
    settings.DATA_DIR = data.path
    for number in range(INSTRUMENTS):
        factories.instrument(centre, f"sem-{number}")
    first = timezone.now().replace(minute=0, second=0, microsecond=0)
    claims = fill(researcher, first=first, last=first + timedelta(days=DAYS))
    for number in range(FILES):
        content = os.urandom(50_000)
        row = StoredFile(name=f"{number}.pdf", media_type="application/pdf", by=researcher)
        row.sha256, row.size = hashlib.sha256(content).hexdigest(), len(content)
        row.path.parent.mkdir(parents=True, exist_ok=True)
        row.path.write_bytes(content)
        row.save(force_insert=True)

    at = connection.settings_dict
    url = f"postgres://{at['USER']}:{quote(at['PASSWORD'])}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
    environment = {"DATABASE_URL": url, "SECRET_KEY": "of sessions", "FIELD_KEYS": "of children"}
    begun = time.monotonic()
    archive = make_backup(data, environment, to=data.path / "backups")
    backed_up = time.monotonic() - begun
    begun = time.monotonic()
    with drill.scratch(data.path / "drill") as (place, database):
        held = database.ask("SELECT count(*) FROM pg_class WHERE relname = 'bookings_claim'")[0][0]
        findings = drill.prove(archive, environment, place, database)
        size = int(database.ask("SELECT pg_database_size(current_database())")[0][0])
    restored = time.monotonic() - begun

    assert held == "0"  # it began with nothing
    assert [finding for finding in findings if finding.wrong] == []
    show(
        f"A backup of {claims:,} bookings and {FILES:,} files, restored onto an empty server",
        [
            ("checks that failed", 0, sum(finding.wrong > 0 for finding in findings)),
            ("database, files", "reported", f"{size / 1e6:.0f} MB, {FILES * 0.05:.0f} MB"),
            ("the backup", "reported", f"{archive.stat().st_size / 1e6:.0f} MB in {backed_up:.0f} s"),
            ("restoring and proving it", "reported", f"{restored:.0f} s"),
            ("a GB of database", "≤ 15 min", f"{restored / 60 / (size / 1e9):.1f} min"),
        ],
    )
