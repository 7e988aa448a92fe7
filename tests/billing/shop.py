"""What tests of money need: somebody who sells, somebody who pays, and prices that somebody named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from accounts.models import ResearchGroup
from billing.models import LedgerLeg, SchemeEntry, Wallet
from billing.pricing import PriceLine, price_of_lines
from billing.services import charge, grant_credit, open_scheme, pay_in, wallet_of
from billing.states import HoldState, PoolKind
from tests import factories


def firm(name="示范科技有限公司", **fields):
    """A verified one, as it must be to hold time."""
    return factories.firm(name_zh=name, **fields)


def group_of(pi, university):
    return ResearchGroup.objects.create(organisation=university, pi=pi, name_zh="张课题组")


def wallet_with(owner, seller, *, paid_in="0", credit="0"):
    """The owner's wallet with money paid in, a credit line, or both."""
    wallet = wallet_of(owner)
    if Decimal(paid_in):
        pay_in(wallet, amount=Decimal(paid_in), seller=seller, by=None)
    if Decimal(credit):
        grant_credit(wallet, amount=Decimal(credit), by=None)
    return Wallet.objects.with_owners().get(pk=wallet.pk)


def price(amount, *, covered="0"):
    line = PriceLine("机时", "instrument time", Decimal(1), "hour", Decimal(amount), Decimal(amount))
    return price_of_lines([line], vat_rate=Decimal(6), covered=Decimal(covered))


def charged(wallet, seller, amount, **more):
    """A charge of so much, for something used today."""
    words = {"name_zh": "扫描电镜", "name_en": "SEM"}
    return charge(
        seller=seller, wallet=wallet, price=price(amount), used_on=timezone.localdate(), by=None, **words, **more
    )


def scheme_of(fund, *, budget="1000", **fields):
    """A fund that pays 40 % for small firms, this year."""
    today = timezone.localdate()
    usual = {
        "name_zh": "示例：科研仪器共享补贴",
        "name_en": "Sample: instrument sharing subsidy",
        "begins": today.replace(month=1, day=1),
        "ends": today.replace(month=12, day=31),
        "for_categories": ["sme"],
        "share": Decimal(40),
        "budget": Decimal(budget),
    }
    return open_scheme(fund, by=None, **{**usual, **fields})


def recomputed(wallet):
    """(balance, held) of a wallet, from the books and the holds alone."""
    held = sum((each.amount for each in wallet.holds.filter(state=HoldState.HELD, account="wallet")), Decimal(0))
    return LedgerLeg.objects.balance_of(wallet), held


def recomputed_pool(scheme):
    """(reserved, spent) of a fund, from its entries alone."""
    totals = SchemeEntry.objects.filter(scheme=scheme).totals()
    reserved = totals[PoolKind.RESERVE] - totals[PoolKind.COMMIT] - totals[PoolKind.RELEASE]
    return reserved, totals[PoolKind.COMMIT] - totals[PoolKind.RETURN]


def in_threads(acts, *, workers=8):
    """Run all, several at once, each on a connection of its thread; returns results or errors in order."""

    def run(act):
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(run, acts))
