"""Charging for what was used, taking money for it, giving some of it back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.services import calendar_of
from billing.models import Charge, FundCode, Hold, LedgerEntry, Payment, Wallet
from billing.permissions import may_settle
from billing.pricing import Price, split_vat
from billing.rules import account_for
from billing.services.crediting import note_refund, refuse_on_invoice
from billing.services.ledger import of_fund, of_payer, of_seller, write_entry
from billing.services.news import broadcast_charge
from billing.services.schemes import commit_reserved
from billing.services.spending import use_up
from billing.services.wallets import refuse_not_positive, settlement_between
from billing.states import DAYS_TO_OBJECT, Account, EntryKind, PaymentKind
from common.errors import NotAllowed, Refusal, Refused
from common.text import tidy
from instruments.models import Instrument, TestItem
from notifications.states import EventKind

ZERO = Decimal(0)
NOT_THE_SELLER = _("Only the seller's finance officers may do this.")
PAID_ALREADY = Refusal("paid_already", _("This is paid already."), "amount")
TOO_MUCH = Refusal("too_much", _("This is more than is left of the charge."), "amount")


@transaction.atomic
def charge(
    *, seller: Organisation, wallet: Wallet, price: Price, used_on: date, name_zh: str, name_en: str, by: User | None,
    hold: Hold | None = None, fund_code: FundCode | None = None, member: User | None = None,
    thing: Instrument | TestItem | None = None,
) -> Charge:  # fmt: skip
    """Charge a payer what `price` says; what was held for it is used up, and the fund pays its share.

    The share is at most what was reserved with the hold. What a wallet cannot bear any more (an overrun) is written as
    owed: time that was used is charged in any case. `thing` is what earned it, where it is an instrument or a test.
    """
    if hold is not None:
        hold = use_up(hold)
        fund_code, member = fund_code or hold.fund_code, member or hold.member
    locked = Wallet.objects.lock(wallet.pk)
    settlement = settlement_between(locked, seller)
    account = account_for(settlement.kind)
    covered = min(price.covered, _reserved_with(hold))
    to_pay = price.gross - covered
    if account == Account.WALLET and to_pay > locked.free:
        account = Account.OWED
    made = Charge.objects.create(
        seller=seller, wallet=locked, member=member, fund_code=fund_code, hold=hold, account=account,
        settlement=settlement.kind, name_zh=name_zh[:200], name_en=name_en[:200], used_on=used_on,
        instrument=thing if isinstance(thing, Instrument) else None,
        test_item=thing if isinstance(thing, TestItem) else None,
        price=price.as_json(), vat_rate=price.vat_rate, net=price.net, vat=price.vat, gross=price.gross,
        covered=covered, to_pay=to_pay, object_until=last_day_to_object(seller), made_by=by,
    )  # fmt: skip
    scheme = commit_reserved(hold, charge=made, amount=covered, by=by) if hold else None
    legs = [
        of_payer(locked, account, -to_pay),
        of_seller(seller, Account.INCOME, price.net),
        of_seller(seller, Account.VAT, price.vat),
    ]
    if scheme is not None and covered:
        legs.append(of_fund(scheme, -covered))
    if price.gross:
        write_entry(EntryKind.CHARGE, legs, by=by, charge=made)
    broadcast_charge(made, EventKind.CHARGE_MADE)
    return made


def _reserved_with(hold: Hold | None) -> Decimal:
    entry = hold.subsidies.first() if hold else None
    return entry.amount if entry else ZERO


def last_day_to_object(seller: Organisation) -> date:
    """Ten working days from today, by the seller's calendar."""
    today = timezone.localdate()
    calendar = calendar_of(seller.pk, first=today, last=today.replace(year=today.year + 1, day=1))
    return calendar.add_working_days(today, DAYS_TO_OBJECT)


@transaction.atomic
def pay_charge(charge: Charge, *, by: User | None, how: PaymentKind, reference: str = "") -> Payment:
    """What is left of a charge is paid, at the desk, by transfer or by the simulator.

    Raises Refused: `paid_already`; `on_an_invoice` where an invoice that is out asks for it.
    """
    refuse_on_invoice(charge)
    locked = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
    left = locked.left - locked.paid
    if left <= 0:
        raise Refused([PAID_ALREADY])
    payment = Payment.objects.create(
        seller=locked.seller, wallet=locked.wallet, charge=locked, kind=how, amount=left,
        paid_on=timezone.localdate(), reference=reference[:120], made_by=by,
    )  # fmt: skip
    Charge.objects.filter(pk=locked.pk).update(paid=F("paid") + left)
    legs = [of_payer(locked.wallet, locked.account, left), of_seller(locked.seller, Account.CASH, -left)]
    write_entry(EntryKind.PAYMENT, legs, by=by, payment=payment, charge=locked)
    broadcast_charge(locked, EventKind.CHARGE_CHANGED)
    return payment


@transaction.atomic
def refund_charge(charge: Charge, *, by: User | None, amount: Decimal, reason: str) -> LedgerEntry:
    """Give some of a charge back by a new entry; the charge itself and the old entry stay. `by` None is the portal.

    Raises Refused `too_much` for more than is left of it.
    """
    if by is not None and not may_settle(by, charge):
        raise NotAllowed(NOT_THE_SELLER)
    return refund(charge, by=by, amount=amount, reason=reason)


@transaction.atomic
def refund(charge: Charge, *, by: User | None, amount: Decimal, reason: str) -> LedgerEntry:
    """The same for a caller of an upper room that has judged already who may.

    Where an invoice that is out asks for the charge, a credit note says so.
    """
    refuse_not_positive(amount)
    # The invoice is locked before its charge, as whoever pays or credits it does.
    note = note_refund(charge, amount=amount, by=by, reason=tidy(reason)[:500])
    locked = Charge.objects.select_for_update(no_key=True).get(pk=charge.pk)
    if amount > locked.left:
        raise Refused([TOO_MUCH])
    Charge.objects.filter(pk=locked.pk).update(refunded=F("refunded") + amount)
    net, vat = split_vat(amount, locked.vat_rate)
    legs = [
        of_payer(locked.wallet, locked.account, amount),
        of_seller(locked.seller, Account.INCOME, -net),
        of_seller(locked.seller, Account.VAT, -vat),
    ]
    kind = EntryKind.CREDIT_NOTE if note else EntryKind.REFUND
    broadcast_charge(locked, EventKind.CHARGE_CHANGED)
    return write_entry(kind, legs, by=by, charge=locked, credit_note=note, reason=tidy(reason)[:500])
