"""Row 17: balances and pools never below zero under 100,000 concurrent spends, and what is shown is what the books say.

Eight processes spend from four wallets and one fund at once: they hold, charge, release and refund at random. The
small counts with their negative controls are in `tests/billing/test_spending_at_once.py`.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from decimal import Decimal
from random import Random

import pytest
from django.db import connections

from accounts.models import Organisation
from billing.models import Charge, LedgerEntry, LedgerLeg, Scheme, Wallet
from billing.services import charge, hold, refund, release
from common.errors import Refused
from tests.billing.shop import firm, price, recomputed, recomputed_pool, scheme_of, wallet_with
from tests.database import number

SPENDS, PROCESSES, WALLETS = 100_000, 8, 4


def spend(given: tuple[int, int, list[str], str, str]) -> Counter[str]:
    """One process: so many spends, each from a wallet at random; returns how they ended."""
    seed, count, wallets, seller_id, scheme_id = given
    random, ended = Random(seed), Counter[str]()
    known = {pk: Wallet.objects.with_owners().get(pk=pk) for pk in wallets}
    seller, scheme = Organisation.objects.get(pk=seller_id), Scheme.objects.get(pk=scheme_id)
    for _ in range(count):
        wallet = known[random.choice(wallets)]
        amount, covered = Decimal(random.randint(1, 999)) / 100, Decimal(random.randint(0, 300)) / 100
        try:
            held = hold(wallet, amount, by=None, seller=seller, scheme=scheme, covered=covered)
        except Refused as error:
            ended[error.refusals[0].code] += 1
            continue
        ended[_end(held, wallet, seller, amount, covered, random)] += 1
    return ended


def _end(held, wallet, seller, amount, covered, random) -> str:
    """Most are charged, some released, a few kept; of some charges a part is given back."""
    how = random.random()
    if how < 0.3:
        release(held)
        return "released"
    if how < 0.35:
        return "kept"
    used = price(f"{amount + covered:.2f}", covered=f"{covered:.2f}")
    day = held.made_at.date()
    made = charge(seller=seller, wallet=wallet, price=used, used_on=day, name_zh="x", name_en="", by=None, hold=held)
    if how > 0.9 and made.left:
        refund(made, by=None, amount=min(made.left, Decimal("0.37")), reason="x")
        return "refunded"
    return "charged"


def below_zero() -> int:
    """Wallets and funds that are overdrawn: the question that the constraints answer, asked anew."""
    return number(
        "SELECT (SELECT count(*) FROM billing_wallet WHERE balance - held + credit_line < 0)"
        " + (SELECT count(*) FROM billing_scheme WHERE budget - reserved - spent < 0)"
    )


def unbalanced() -> int:
    return number(
        "SELECT count(*) FROM (SELECT entry_id FROM billing_ledgerleg GROUP BY entry_id, currency"
        " HAVING sum(amount) <> 0) AS wrong"
    )


@pytest.mark.django_db(transaction=True)
def test_money_is_never_below_zero_in_100000_concurrent_spends(university, show):
    wallets = [wallet_with(firm(f"示范企业{n}"), university, paid_in="40000", credit="10000") for n in range(WALLETS)]
    fund = Organisation.objects.create(kind="government", name_zh="科技局")
    scheme = scheme_of(fund, budget="60000")
    share = SPENDS // PROCESSES
    given = [
        (n, share, [str(each.pk) for each in wallets], str(university.pk), str(scheme.pk)) for n in range(PROCESSES)
    ]
    connections.close_all()
    began = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(PROCESSES, initializer=connections.close_all) as pool:
        ended = sum(pool.map(spend, given), Counter[str]())
    took = time.perf_counter() - began

    shown = [(Wallet.objects.get(pk=each.pk), recomputed(each)) for each in wallets]
    scheme.refresh_from_db()
    differing = sum((wallet.balance, wallet.held) != found for wallet, found in shown)
    differing += (scheme.reserved, scheme.spent) != recomputed_pool(scheme)
    show(
        f"{SPENDS} spends of {WALLETS} wallets and one fund by {PROCESSES} processes",
        [
            ("spends", SPENDS, sum(ended.values())),
            ("wallets or funds below zero", 0, below_zero()),
            ("balances and pools that differ from the books", 0, differing),
            ("entries whose legs are not nothing together", 0, unbalanced()),
            ("how they ended", "reported", ", ".join(f"{name} {count}" for name, count in sorted(ended.items()))),
            (
                "entries and legs of the books",
                "reported",
                f"{LedgerEntry.objects.count()}, {LedgerLeg.objects.count()}",
            ),
            ("charges", "reported", Charge.objects.count()),
            ("took", "reported", f"{took:.0f} s"),
        ],
    )
    assert sum(ended.values()) == SPENDS
    assert below_zero() == differing == unbalanced() == 0
    assert ended["wallet_empty"] > 0  # they did come to the end of what there was
