"""What PostgreSQL itself refuses of the books, whoever asks."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import Organisation
from billing.models import LedgerEntry, LedgerLeg
from billing.states import Account, EntryKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return Organisation.objects.create(kind="university", name_zh="滨海大学")


def entry_of(seller, *amounts, kind=EntryKind.CORRECTION):
    """An entry whose legs are these amounts of income, as they would be at COMMIT."""
    entry = LedgerEntry.objects.create(kind=kind, booked_on=date(2026, 11, 25))
    for amount in amounts:
        LedgerLeg.objects.create(entry=entry, account=Account.INCOME, organisation=seller, amount=Decimal(amount))
    return entry


def commit():
    """What PostgreSQL does at COMMIT: the deferred triggers judge."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@transaction.atomic
def committed(seller, *amounts):
    entry_of(seller, *amounts)
    commit()


def test_legs_that_are_nothing_together_are_written(seller):
    committed(seller, "12.34", "-12.34")

    legs = LedgerLeg.objects.order_by("amount").values_list("amount", flat=True)
    assert list(legs) == [Decimal("-12.34"), Decimal("12.34")]


@pytest.mark.parametrize("amounts", [["12.34"], ["12.34", "-12.33"], []])
def test_legs_that_are_out_by_a_fen_are_refused_at_commit(seller, amounts):
    with pytest.raises(IntegrityError, match="not balanced"):
        committed(seller, *amounts)


def test_without_the_trigger_unbalanced_legs_would_be_written(seller):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_ledgerleg DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE billing_ledgerentry DISABLE TRIGGER USER")
    entry_of(seller, "1")
    commit()
    assert LedgerLeg.objects.count() == 1


@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["billing_ledgerentry", "billing_ledgerleg"])
def test_the_books_are_neither_changed_nor_deleted(seller, table, change):
    entry_of(seller, "1", "-1")
    commit()
    with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table))
