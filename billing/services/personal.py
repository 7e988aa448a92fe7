"""What this room keeps of a person: books, mostly, which nobody may take away."""

from __future__ import annotations

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import (
    Charge,
    ChargeObjection,
    CreditNote,
    FapiaoRequest,
    FundCode,
    Hold,
    Invoice,
    InvoiceRun,
    LedgerEntry,
    Payment,
    Rate,
    RateEvent,
    Scheme,
    SchemeEntry,
    VatRate,
    Wallet,
    WalletLimit,
    WalletLimitEvent,
)
from billing.states import Account
from common.errors import Refusal
from common.personal import BOOKS, GONE, Kept, history, in_office

PERSONAL = [
    Kept(Wallet, ("person",), _("wallet"), because=BOOKS),
    Kept(WalletLimit, ("member",), _("spending limits"), at_erasure=GONE),
    in_office(WalletLimit, "set_by"),
    history(WalletLimitEvent, "member"),
    in_office(WalletLimitEvent, "set_by"),
    Kept(FundCode, ("holder",), _("project numbers"), because=BOOKS),
    Kept(FundCode.delegates.through, ("user",), _("project numbers that you may use"), at_erasure=GONE),
    Kept(Hold, ("member",), _("money held"), because=BOOKS),
    in_office(Hold, "made_by"),
    Kept(Charge, ("member", "wallet__person"), _("charges"), because=BOOKS),
    in_office(Charge, "made_by"),
    Kept(ChargeObjection, ("made_by",), _("objections to charges"), because=BOOKS),
    in_office(ChargeObjection, "decided_by"),
    Kept(Invoice, ("wallet__person",), _("invoices"), because=BOOKS),
    Kept(Payment, ("wallet__person",), _("payments"), because=BOOKS),
    Kept(FapiaoRequest, ("requested_by",), _("requests for tax invoices"), because=BOOKS),
    in_office(Rate, "made_by"),
    in_office(RateEvent, "made_by"),
    in_office(VatRate, "made_by"),
    in_office(InvoiceRun, "made_by", "issued_by"),
    in_office(Invoice, "issued_by"),
    in_office(CreditNote, "made_by"),
    in_office(Scheme, "made_by"),
    in_office(SchemeEntry, "made_by"),
    in_office(LedgerEntry, "made_by"),
    in_office(Payment, "made_by"),
]

OWES = Refusal("owes", _("Something that you used is not paid yet."))
HAS_MONEY = Refusal("has_money", _("There is money in your wallet, or money is held: have it paid out or used first."))


def objections_to_leaving(person: User) -> list[Refusal]:
    """Money that is still to move one way or the other."""
    at_the_desk = Charge.objects.filter(wallet__person=person, account=Account.OWED)
    owes = at_the_desk.filter(to_pay__gt=F("paid") + F("refunded")).exists()
    owes = owes or Invoice.objects.filter(wallet__person=person).unpaid().exists()
    found = [OWES] if owes else []
    wallet = Wallet.objects.filter(person=person).first()
    return [*found, HAS_MONEY] if wallet and (wallet.balance or wallet.held) else found
