"""Statements that PostgreSQL keeps: once for each connection, and where it keeps none, people notice nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from common.asked import Asked
from common.db import in_one_transaction, sqlstate, with_numbers
from common.kept import keeper
from tests.factories import person

TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _keeping(monkeypatch):
    monkeypatch.setattr(keeper, "refused", False)


@pytest.fixture
def named():
    def by_name(name):
        return User.objects.filter(name=name)

    return Asked(by_name)


def sql(text, *values):
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall() if cursor.description else []


def kept():
    """The names, and how often they were asked."""
    return sql("SELECT name, generic_plans + custom_plans FROM pg_prepared_statements WHERE name LIKE 'by_name_%%'")


@pytest.mark.django_db(transaction=True)
def test_each_connection_keeps_it_once_and_a_rollback_leaves_it(named):
    one = person("one")
    with pytest.raises(ZeroDivisionError):
        in_one_transaction(lambda: named.of(day=TODAY, name="one") and 1 / 0)

    assert [named.of(day=TODAY, name=name) for name in ("one", "nobody")] == [[one], []]
    ((name, times),) = kept()
    assert times == 3

    connection.close()
    assert kept() == []
    assert named.of(day=TODAY, name="one") == [one]
    assert kept() == [(name, 1)]
    connection.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("DEALLOCATE ALL", "26000"),  # as a pooler does that gives each transaction another connection
        ("ALTER TABLE accounts_user ALTER name TYPE varchar(300)", "0A000"),  # as a migration does
    ],
)
def test_a_statement_that_is_lost_is_asked_plainly_and_a_transaction_begun_again(named, monkeypatch, what, code):
    one = person("one")
    named.of(day=TODAY, name="one")
    length = sql(
        "SELECT atttypmod - 4 FROM pg_attribute WHERE attrelid = 'accounts_user'::regclass AND attname = 'name'"
    )
    try:
        sql(what)
        begun = []

        # In a transaction the first try is lost, and nothing of it stays.
        found = in_one_transaction(lambda: begun.append(person(f"try {len(begun)}")) or named.of(day=TODAY, name="one"))
        assert (found, len(begun), keeper.refused) == ([one], 2, True)
        assert not User.objects.filter(name="try 0").exists()

        # Outside of one nothing needs to be begun again.
        monkeypatch.setattr(keeper, "refused", False)
        assert named.of(day=TODAY, name="one") == [one]
        assert keeper.refused

        # Somebody else's transaction ends with an error that says what it was.
        monkeypatch.setattr(keeper, "refused", False)
        with pytest.raises(DatabaseError) as error, transaction.atomic():
            named.of(day=TODAY, name="one")
        assert sqlstate(error.value) == code
    finally:
        sql(f"ALTER TABLE accounts_user ALTER name TYPE varchar({length[0][0]})")
        connection.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "values", "numbers", "written"),
    [
        ("name LIKE '%%a' AND pk = %s", [7], {0: 1}, "name LIKE '%a' AND pk = $1"),
        ("a = %s AND b = %s AND c = %s", ["%s", 7, "it's"], {1: 2}, "a = '%s' AND b = $2 AND c = 'it''s'"),
    ],
)
def test_constants_are_written_in_and_values_are_numbered(text, values, numbers, written):
    assert with_numbers(text, values, numbers) == written
