"""A database that would fail people silently is refused with one sentence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from records import checks


def database(**changed):
    """A connection of its own, to another place than the tests' database."""
    other = connection.copy(alias="default")
    other.settings_dict = {**connection.settings_dict, **changed}
    return other


@pytest.fixture
def without_chinese():
    """A database whose character type is C, as a careless `initdb` makes it."""
    name = f"{connection.settings_dict['NAME']}_ctype_c"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER libc LC_CTYPE 'C' LC_COLLATE 'C'")
    other = database(NAME=name)
    yield other
    other.close()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_knows_no_chinese_letters_is_refused(without_chinese):
    assert [each.id for each in checks.faults_of(without_chinese)] == ["jishi.E003"]
    assert checks.database_is_fit(["default"]) == []


def test_a_database_that_is_too_old_or_away_is_refused_in_one_sentence(db, monkeypatch):
    monkeypatch.setattr(checks, "OLDEST", 99)
    assert [each.id for each in checks.database_is_fit(["default"])] == ["jishi.E002"]

    found = checks.faults_of(database(PORT="1"))
    assert [each.id for each in found] == ["jishi.E001"]
    assert "\n" not in found[0].msg


@pytest.mark.parametrize(("hours", "way"), [(1, "3600 s ahead of"), (-1, "3600 s behind")])
def test_a_clock_that_is_an_hour_off_stops_commands_in_one_sentence(db, time_machine, hours, way):
    assert checks.faults_of(connection) == []
    time_machine.move_to(timezone.now() + timedelta(hours=hours))

    (found,) = checks.faults_of(connection)

    assert (found.id, way in found.msg, "\n" in found.msg) == ("jishi.E004", True, False)
    with pytest.raises(SystemCheckError, match=way):
        call_command("migrate", verbosity=0, skip_checks=False)


def test_an_older_version_does_not_start_on_tables_that_a_newer_one_has_changed(db):
    recorder = MigrationRecorder(connection)
    recorder.record_applied("a_room_that_is_gone", "0001_initial")
    assert checks.faults_of(connection) == []
    recorder.record_applied("bookings", "0999_of_tomorrow")

    (found,) = checks.faults_of(connection)

    assert (found.id, "bookings.0999_of_tomorrow" in found.msg) == ("jishi.E005", True)
    with pytest.raises(SystemCheckError, match="newer version"):
        call_command("migrate", verbosity=0, skip_checks=False)
