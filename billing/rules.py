"""Why money cannot be spent: every reason at once, from facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.states import UNPAID, Account, LimitPeriod, PayerKind, SettlementKind
from common.errors import Refusal
from common.words import money

ZERO = Decimal(0)


@dataclass(frozen=True)
class Ceiling:
    """At most `amount` in `period` (of a member), or in all (of a project number); `spent` of it is gone or held."""

    amount: Decimal
    spent: Decimal
    period: str = LimitPeriod.EVER

    def stands_against(self, wanted: Decimal) -> bool:
        return self.spent + wanted > self.amount


@dataclass(frozen=True)
class Spending:
    """What bears on spending `amount` from a wallet."""

    amount: Decimal
    account: str
    free: Decimal
    limit: Ceiling | None = None
    fund: Ceiling | None = None
    overdue: tuple[str, ...] = ()


def objections_to_spending(given: Spending) -> list[Refusal]:
    """Not enough in the wallet, more than a member or a project number may spend, invoices left unpaid."""
    return [*_not_enough(given), *_over_limits(given), *_unpaid(given)]


def _not_enough(given: Spending) -> list[Refusal]:
    if given.account != Account.WALLET or given.amount <= max(given.free, ZERO):
        return []
    words = {"needed": money(given.amount), "free": money(max(given.free, ZERO))}
    sentence = _("The wallet has %(free)s left and this costs %(needed)s. Pay in, or choose another payer.") % words
    return [Refusal("wallet_empty", sentence, "payer", {"needed": f"{given.amount:.2f}", "free": f"{given.free:.2f}"})]


def _over_limits(given: Spending) -> list[Refusal]:
    found = []
    if given.limit and given.limit.stands_against(given.amount):
        sentence = _("You may spend %(limit)s of this wallet %(period)s; %(spent)s are used, this costs %(needed)s.")
        found.append(_over(given, given.limit, sentence, "payer", "member"))
    if given.fund and given.fund.stands_against(given.amount):
        sentence = _("At most %(limit)s are booked on this project number; %(spent)s are used, this costs %(needed)s.")
        found.append(_over(given, given.fund, sentence, "fund_code", "fund_code"))
    return found


def _over(given: Spending, ceiling: Ceiling, sentence: str, field: str, subject: str) -> Refusal:
    period = LimitPeriod(ceiling.period)
    words = {
        "limit": money(ceiling.amount),
        "spent": money(ceiling.spent),
        "needed": money(given.amount),
        "period": period.label,
    }
    values = {
        "limit": f"{ceiling.amount:.2f}",
        "spent": f"{ceiling.spent:.2f}",
        "needed": f"{given.amount:.2f}",
        "period": period.value,
        "subject": subject,
    }
    return Refusal("limit_reached", sentence % words, field, values)


def _unpaid(given: Spending) -> list[Refusal]:
    if not given.overdue:
        return []
    sentence = _("Invoices of this payer are long overdue: %(invoices)s. Nothing is booked until they are paid.")
    invoices = ", ".join(given.overdue)
    return [Refusal("payer_overdue", sentence % {"invoices": invoices}, "payer", {"invoices": list(given.overdue)})]


def account_for(settlement: str) -> Account:
    """Where what is spent is written: who pays each time owes it, everybody else has a wallet for it."""
    paid_each_time = settlement in {SettlementKind.DESK, SettlementKind.ONLINE}
    return Account.OWED if paid_each_time else Account.WALLET


def is_without_vat(settlement: str) -> bool:
    """Money that only moves within one institution is no sale: no VAT, no fapiao."""
    return settlement == SettlementKind.INTERNAL


def payer_kind_of(*, is_person: bool, is_firm: bool, owner_id: object, seller_id: object) -> PayerKind:
    """What kind of payer a wallet's owner is to a seller."""
    if is_person:
        return PayerKind.PERSON
    if owner_id == seller_id:
        return PayerKind.OWN
    return PayerKind.FIRM if is_firm else PayerKind.INSTITUTION


def objections_to_payment(state: str, *, open_amount: Decimal, amount: Decimal) -> list[Refusal]:
    """An invoice that is not out, or has nothing open, takes no money; and none takes more than is open."""
    if state not in UNPAID or open_amount <= 0:
        return [Refusal("nothing_open", _("Nothing of this invoice is open: it was paid or credited."), "invoice")]
    if amount <= open_amount:
        return []
    words = {"open": money(open_amount), "amount": money(amount), "rest": money(amount - open_amount)}
    sentence = _(
        "%(open)s of this invoice are open and %(amount)s came: enter %(open)s for it, and %(rest)s as unclaimed."
    )
    values = {"open": f"{open_amount:.2f}", "amount": f"{amount:.2f}"}
    return [Refusal("above_balance", sentence % words, "amount", values)]
