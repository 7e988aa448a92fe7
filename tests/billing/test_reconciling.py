"""The nightly look at the books finds an error of one fen, whichever figure it is in."""

from decimal import Decimal

import pytest
from django.db import connection

from accounts.models import Organisation
from billing.models import LedgerLeg, Scheme, Wallet
from billing.services import hold, reconcile
from tests.billing.shop import charged, firm, scheme_of, wallet_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(university):
    """A wallet that was paid into, held from and charged, and a fund that bore a share."""
    scheme = scheme_of(Organisation.objects.create(kind="government", name_zh="科技局"))
    wallet = wallet_with(firm(), university, paid_in="1000")
    hold(wallet, Decimal(60), by=None, seller=university, scheme=scheme, covered=Decimal(40))
    charged(wallet, university, "106")
    return wallet, scheme


def test_books_in_order_show_no_difference(books):
    assert reconcile() == []


@pytest.mark.parametrize("column", ["balance", "held"])
def test_a_fen_too_much_in_a_wallet_is_found(books, column):
    wallet, _scheme = books
    Wallet.objects.filter(pk=wallet.pk).update(**{column: getattr(Wallet.objects.get(), column) + Decimal("0.01")})
    (found,) = reconcile()
    assert (found.of, found.what, found.shown - found.recomputed) == ("wallet", column, Decimal("0.01"))


@pytest.mark.parametrize("column", ["reserved", "spent"])
def test_a_fen_too_much_in_a_pool_is_found(books, column):
    Scheme.objects.update(**{column: getattr(Scheme.objects.get(), column) + Decimal("0.01")})
    (found,) = reconcile()
    assert (found.of, found.what) == ("scheme", column)


def test_a_fen_too_much_in_a_leg_is_found_though_no_trigger_saw_it(books):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_ledgerleg DISABLE TRIGGER USER")
        cursor.execute(
            "UPDATE billing_ledgerleg SET amount = amount + 0.01 WHERE id = (SELECT min(id) FROM billing_ledgerleg)"
        )
        cursor.execute("ALTER TABLE billing_ledgerleg ENABLE TRIGGER USER")
    assert {each.of for each in reconcile()} >= {"entry"}
    assert LedgerLeg.objects.exists()
