"""Whether what is shown is what the books say: every balance, hold and pool recomputed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import structlog
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from billing.models import CreditNote, Hold, Invoice, LedgerLeg, Payment, Scheme, SchemeEntry, Wallet
from billing.states import Account, HoldState, PoolKind, SettlementKind

log = structlog.get_logger()
ZERO = Decimal(0)


@dataclass(frozen=True)
class Difference:
    """A figure that is shown and is not what its entries add up to."""

    of: str
    id: str
    what: str
    shown: Decimal
    recomputed: Decimal


def reconcile() -> list[Difference]:
    """Every difference, also in the log; four statements for any number of wallets, funds, invoices and entries."""
    found = [*_of_wallets(), *_of_funds(), *_of_invoices(), *_of_entries()]
    for each in found:
        log.error("books_differ", of=each.of, id=each.id, what=each.what, by=str(each.shown - each.recomputed))
    return found


def _sum(rows: Any, by: str, amount: str = "amount") -> Coalesce:
    return Coalesce(Subquery(rows.order_by().values(by).annotate(total=Sum(amount)).values("total")), ZERO)


def _of_wallets() -> list[Difference]:
    legs = LedgerLeg.objects.filter(wallet=OuterRef("pk"), account=Account.WALLET)
    holds = Hold.objects.filter(wallet=OuterRef("pk"), account=Account.WALLET, state=HoldState.HELD)
    wallets: Any = Wallet.objects.annotate(by_legs=_sum(legs, "wallet"), by_holds=_sum(holds, "wallet"))
    wrong = wallets.exclude(balance=F("by_legs"), held=F("by_holds"))
    return [
        Difference("wallet", str(each.pk), what, shown, real)
        for each in wrong
        for what, shown, real in (("balance", each.balance, each.by_legs), ("held", each.held, each.by_holds))
        if shown != real
    ]


def _of_funds() -> list[Difference]:
    kinds = {
        kind: _sum(SchemeEntry.objects.filter(scheme=OuterRef("pk"), kind=kind), "scheme") for kind in PoolKind.values
    }
    found = []
    for each in Scheme.objects.annotate(**{f"by_{kind}": total for kind, total in kinds.items()}):
        moved = {kind: getattr(each, f"by_{kind}") for kind in PoolKind.values}
        reserved = moved[PoolKind.RESERVE] - moved[PoolKind.COMMIT] - moved[PoolKind.RELEASE]
        spent = moved[PoolKind.COMMIT] - moved[PoolKind.RETURN]
        pairs = (("reserved", each.reserved, reserved), ("spent", each.spent, spent))
        found += [Difference("scheme", str(each.pk), *pair) for pair in pairs if pair[1] != pair[2]]
    return found


def _of_invoices() -> list[Difference]:
    """What was paid by wallet before has no payment of its own."""
    payments = _sum(Payment.objects.filter(invoice=OuterRef("pk")), "invoice")
    notes = _sum(CreditNote.objects.filter(invoice=OuterRef("pk")), "invoice", "to_pay")
    out: Any = Invoice.objects.out().annotate(by_payments=payments, by_notes=notes)
    wrong = out.exclude(Q(paid=F("by_payments")) | Q(settlement=SettlementKind.PREPAID), credited=F("by_notes"))
    return [
        Difference("invoice", str(each.pk), what, shown, real)
        for each in wrong
        for what, shown, real in (("paid", each.paid, each.by_payments), ("credited", each.credited, each.by_notes))
        if shown != real
    ]


def _of_entries() -> list[Difference]:
    sums = LedgerLeg.objects.order_by().values("entry", "currency").annotate(total=Sum("amount"))
    return [Difference("entry", str(row["entry"]), "legs", row["total"], ZERO) for row in sums.filter(~Q(total=0))]
