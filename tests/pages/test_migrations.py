"""Migrations that would hold up a full table are seen before they land."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from pages.management.commands.migrations_safe import LISTED, complaints_of, new_ones

NEEDS_ALL = "ALTER TABLE bookings_booking ADD COLUMN wish text NOT NULL;"
LOCKS = "CREATE INDEX wish ON bookings_booking (wish);"
HARMLESS = "ALTER TABLE bookings_booking ADD COLUMN wish text NULL;"


def test_what_locks_a_table_or_breaks_the_version_before_is_seen():
    rules = {each["rule_name"] for each in complaints_of("bookings.9999", NEEDS_ALL + LOCKS, atomic=True)}

    assert {"adding-required-field", "require-concurrent-index-creation"} <= rules
    assert complaints_of("bookings.9999", HARMLESS, atomic=True) == []


@pytest.mark.django_db
def test_a_migration_that_is_not_listed_is_looked_at():
    names = [row.partition(",")[0] for row in LISTED.read_text().splitlines()[1:]]
    latest = max(name for name in names if name.startswith("notifications."))

    found = {name: sql for name, sql, _atomic in new_ones({*names} - {latest})}

    assert latest in found
    assert "CREATE" in found[latest] or "ALTER" in found[latest]


def test_migrating_gives_up_waiting_for_a_table_after_some_seconds():
    asks = "import os, runpy, sys; sys.argv = ['manage.py', 'migrate', '--help']\n"
    asks += "try: runpy.run_path('manage.py', run_name='__main__')\nexcept SystemExit: print(os.environ['PGOPTIONS'])"
    environment = {name: value for name, value in os.environ.items() if name != "PGOPTIONS"}
    done = subprocess.run(
        [sys.executable, "-c", asks], cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip().endswith("-c lock_timeout=5s")
