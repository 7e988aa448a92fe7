"""The only place where the books are written, and the balances that follow from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.models import LedgerEntry, LedgerLeg, Scheme, Wallet
from billing.models.wallets import NEVER_OVERDRAWN
from billing.states import Account, EntryKind
from common.db import violation_means
from common.errors import Refusal, Refused

ZERO = Decimal(0)
EMPTY = Refusal("wallet_empty", _("The wallet does not have that much left."), "payer")


def of_payer(wallet: Wallet, account: str, amount: Decimal) -> LedgerLeg:
    """What is added to (below zero: taken from) a payer's wallet, or what they owe."""
    return LedgerLeg(account=account, wallet=wallet, amount=amount)


def of_seller(organisation: Organisation, account: Account, amount: Decimal) -> LedgerLeg:
    return LedgerLeg(account=account, organisation=organisation, amount=amount)


def of_fund(scheme: Scheme, amount: Decimal) -> LedgerLeg:
    return LedgerLeg(account=Account.SCHEME, scheme=scheme, amount=amount)


def write_entry(
    kind: EntryKind, legs: Sequence[LedgerLeg], *, by: User | None, on: date | None = None, **about: Any
) -> LedgerEntry:
    """Write one entry of the books, and bring the balances of the wallets in it up to date.

    Legs of nothing are left out; what is left must be nothing together, or PostgreSQL refuses the transaction. Raises
    Refused (`wallet_empty`) where a wallet would be overdrawn.
    """
    entry = LedgerEntry.objects.create(kind=kind, booked_on=on or timezone.localdate(), made_by=by, **about)
    written = [leg for leg in legs if leg.amount]
    for leg in written:
        leg.entry = entry
    LedgerLeg.objects.bulk_create(written)
    for leg in written:
        if leg.account == Account.WALLET and leg.wallet_id:
            change_wallet(leg.wallet_id, balance=leg.amount)
    return entry


def change_wallet(wallet_id: UUID, *, balance: Decimal = ZERO, held: Decimal = ZERO) -> None:
    """Add to a wallet's balance and to what is held in it; the row stays locked until the transaction ends.

    One UPDATE, so that the constraint judges what is there at that moment, whoever else is spending.
    """
    with violation_means(NEVER_OVERDRAWN, Refused([EMPTY])):
        Wallet.objects.filter(pk=wallet_id).update(
            balance=F("balance") + balance, held=F("held") + held, version=F("version") + 1
        )
