"""What bears on spending from a wallet, gathered under its lock; and holding, releasing, using up what is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from billing.models import Charge, FundCode, Hold, Invoice, Scheme, Wallet, WalletLimit
from billing.rules import Ceiling, Spending, account_for, objections_to_spending
from billing.services.ledger import change_wallet
from billing.services.schemes import release_reserved, reserve
from billing.services.wallets import Terms, settlement_between
from billing.states import Account, HoldState, LimitPeriod
from common.errors import Refusal, Refused, WrongInput, refuse_if

ZERO = Decimal(0)
OVER = Refusal("hold_over", _("What was held for this has been released or charged already."))


def spending_on(
    wallet: Wallet, *, amount: Decimal, seller: Organisation, member: User | None, fund_code: FundCode | None = None,
    terms: Terms | None = None, instead_of: Hold | None = None, now: datetime,
) -> Spending:  # fmt: skip
    """What bears on spending `amount`, as if `instead_of` were released. At most five statements.

    The wallet is locked until the transaction ends, the project number too: so two who spend at once are judged one
    after the other.
    """
    wallet = Wallet.objects.lock(wallet.pk)
    terms = terms or settlement_between(wallet, seller)
    account = account_for(terms.kind)
    freed = instead_of.amount if instead_of and instead_of.state == HoldState.HELD else ZERO
    same_wallet = instead_of is not None and instead_of.wallet_id == wallet.pk and instead_of.account == Account.WALLET
    return Spending(
        amount=amount,
        account=account,
        free=wallet.free + (freed if same_wallet else ZERO),
        limit=_limit_of(wallet, member, instead_of, day=timezone.localdate(now)),
        fund=_limit_of_fund(fund_code, instead_of),
        overdue=_overdue(wallet, seller, terms, day=timezone.localdate(now)),
    )


def _limit_of(wallet: Wallet, member: User | None, instead_of: Hold | None, *, day: date) -> Ceiling | None:
    limit = WalletLimit.objects.filter(wallet=wallet, member=member).first() if member else None
    if limit is None:
        return None
    holds = Hold.objects.live().filter(wallet=wallet, member=member)
    charges = Charge.objects.filter(wallet=wallet, member=member)
    first = {LimitPeriod.MONTH: day.replace(day=1), LimitPeriod.YEAR: day.replace(month=1, day=1)}.get(
        LimitPeriod(limit.period)
    )
    if first:
        charges = charges.filter(used_on__gte=first)
    return Ceiling(limit.amount, _spent(holds, charges, instead_of), limit.period)


def _limit_of_fund(fund_code: FundCode | None, instead_of: Hold | None) -> Ceiling | None:
    if fund_code is None or fund_code.limit is None:
        return None
    locked = FundCode.objects.select_for_update(no_key=True).get(pk=fund_code.pk)
    holds, charges = Hold.objects.live().filter(fund_code=locked), Charge.objects.filter(fund_code=locked)
    return Ceiling(locked.limit or ZERO, _spent(holds, charges, instead_of))


def _spent(holds: object, charges: object, instead_of: Hold | None) -> Decimal:
    """What is held or was charged, without what was given back."""
    if instead_of is not None:
        holds = holds.exclude(pk=instead_of.pk)  # type: ignore[attr-defined]
    held: Decimal = holds.total()  # type: ignore[attr-defined]
    charged: Decimal = charges.aggregate(total=Sum(F("to_pay") - F("refunded"), default=ZERO))["total"]  # type: ignore[attr-defined]
    return held + charged


def _overdue(wallet: Wallet, seller: Organisation, terms: Terms, *, day: date) -> tuple[str, ...]:
    """References of the seller's invoices that have been overdue for longer than they put up with."""
    if not terms.overdue_days:
        return ()
    found = Invoice.objects.filter(wallet=wallet, seller=seller).overdue(day - timedelta(days=terms.overdue_days))
    return tuple(found.order_by("due_on").values_list("reference", flat=True)[:5])


@transaction.atomic
def hold(
    wallet: Wallet, amount: Decimal, *, by: User | None, seller: Organisation, member: User | None = None,
    fund_code: FundCode | None = None, scheme: Scheme | None = None, covered: Decimal = ZERO, may_owe: bool = False,
) -> Hold:  # fmt: skip
    """Keep money for something to come, and a fund's share of it beside; or raise every reason why not.

    Where the payer pays each time nothing of the wallet is kept; neither where it has not enough and the payer
    `may_owe`. Raises Refused: `wallet_empty`, `limit_reached`, `payer_overdue`, `scheme_spent`.
    """
    if amount < 0:
        raise WrongInput("amount", "min_value", _("An amount is not below zero."))
    given = spending_on(wallet, amount=amount, seller=seller, member=member, fund_code=fund_code, now=timezone.now())
    if may_owe and amount > given.free:
        given = replace(given, account=Account.OWED)
    refuse_if(objections_to_spending(given))
    return keep(given, wallet, by=by, seller=seller, member=member, fund_code=fund_code, scheme=scheme, covered=covered)


def keep(
    given: Spending, wallet: Wallet, *, by: User | None, seller: Organisation, member: User | None,
    fund_code: FundCode | None, scheme: Scheme | None = None, covered: Decimal = ZERO,
) -> Hold:  # fmt: skip
    """Write the hold that was judged already; PostgreSQL judges once more."""
    made = Hold.objects.create(
        wallet=wallet, seller=seller, member=member, fund_code=fund_code, account=given.account, amount=given.amount,
        made_by=by,
    )  # fmt: skip
    if given.account == Account.WALLET and given.amount:
        change_wallet(wallet.pk, held=given.amount)
    if scheme is not None and covered > 0:
        reserve(scheme, wallet=wallet, amount=covered, hold=made, by=by)
    return made


@transaction.atomic
def release(hold: Hold) -> None:
    """Let go of what is held, and of the fund's share; what was released or charged already stays so."""
    locked = _locked(hold)
    if locked.state != HoldState.HELD:
        return
    _end(locked, HoldState.RELEASED)
    release_reserved(locked)


def use_up(hold: Hold) -> Hold:
    """What was held is free for the charge that takes its place in this transaction. Raises Refused when it is over."""
    locked = _locked(hold)
    if locked.state != HoldState.HELD:
        raise Refused([OVER])
    return _end(locked, HoldState.CAPTURED)


def _locked(hold: Hold) -> Hold:
    return Hold.objects.select_for_update(of=("self",), no_key=True).select_related("wallet", "seller").get(pk=hold.pk)


def _end(hold: Hold, state: HoldState) -> Hold:
    hold.state, hold.ended_at = state, timezone.now()
    hold.save(update_fields=["state", "ended_at"])
    if hold.account == Account.WALLET and hold.amount:
        change_wallet(hold.wallet_id, held=-hold.amount)
    return hold
