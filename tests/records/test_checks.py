"""A database that would fail people silently is refused with one sentence."""

from __future__ import annotations

import pytest
from django.db import connection

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
