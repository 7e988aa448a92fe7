"""Many who spend from one wallet and one fund at the same moment: never below zero, and recomputed is what is shown.

The full count is run by `./portal prove money`.
"""

from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db import connection

from accounts.models import Organisation
from billing.models import Hold, Wallet
from billing.querysets import WalletQuerySet
from billing.services import hold, release
from common.errors import Refused
from tests.billing.shop import charged, firm, in_threads, recomputed, recomputed_pool, scheme_of, wallet_with

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_60_who_spend_10_of_one_wallet_of_300_at_once_30_may(university):
    wallet = wallet_with(firm(), university, paid_in="200", credit="100")
    results = in_threads([lambda: hold(wallet, Decimal(10), by=None, seller=university)] * 60)
    assert sum(isinstance(each, Hold) for each in results) == 30
    assert all(isinstance(each, Refused) for each in results if not isinstance(each, Hold)), results
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.held) == recomputed(wallet) == (200, 300)


def test_without_the_lock_the_constraint_alone_still_keeps_the_wallet(university):
    wallet = wallet_with(firm(), university, paid_in="50")

    def unlocked(rows, wallet_id):
        return rows.with_owners().get(pk=wallet_id)

    with patch.object(WalletQuerySet, "lock", unlocked):
        results = in_threads([lambda: hold(wallet, Decimal(10), by=None, seller=university)] * 24)
    assert sum(isinstance(each, Hold) for each in results) == 5
    assert Wallet.objects.get(pk=wallet.pk).free == 0


def test_without_lock_and_constraint_more_would_be_spent_than_there_is(university):
    wallet = wallet_with(firm(), university, paid_in="50")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_wallet DROP CONSTRAINT wallet_never_overdrawn")
    seen = Wallet.objects.with_owners().get(pk=wallet.pk)
    try:
        # All have looked before anybody has written.
        with patch.object(WalletQuerySet, "lock", return_value=seen):
            in_threads([lambda: hold(wallet, Decimal(10), by=None, seller=university)] * 12)
        assert Wallet.objects.get(pk=wallet.pk).free < 0
    finally:
        Hold.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_wallet SET held = 0")
            cursor.execute(
                "ALTER TABLE billing_wallet ADD CONSTRAINT wallet_never_overdrawn CHECK (balance >= held - credit_line)"
            )


def test_holds_charges_and_releases_of_40_at_once_add_up(university):
    wallet = wallet_with(firm(), university, paid_in="1000")

    def use(n):
        held = hold(wallet, Decimal("7.77"), by=None, seller=university)
        return charged(wallet, university, "5.55", hold=held) if n % 2 else release(held)

    results = in_threads([lambda n=n: use(n) for n in range(40)])
    assert not [each for each in results if isinstance(each, Exception)]
    wallet.refresh_from_db()
    assert (wallet.balance, wallet.held) == recomputed(wallet) == (Decimal("889.00"), 0)


def test_of_40_who_want_10_of_a_fund_of_100_at_once_10_get_it(university):
    fund = Organisation.objects.create(kind="government", name_zh="滨海市科技局")
    scheme, wallet = scheme_of(fund, budget="100"), wallet_with(firm(), university, paid_in="1000")
    give = {"by": None, "seller": university, "scheme": scheme, "covered": Decimal(10)}
    results = in_threads([lambda: hold(wallet, Decimal(1), **give)] * 40)
    assert sum(isinstance(each, Hold) for each in results) == 10
    scheme.refresh_from_db()
    assert (scheme.reserved, scheme.spent) == recomputed_pool(scheme) == (100, 0)
    assert Hold.objects.count() == 10  # who got nothing of the fund holds nothing of the wallet either
