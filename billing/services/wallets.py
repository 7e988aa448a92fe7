"""Wallets: whose they are, what is paid in, who may spend how much, how their owners settle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup, User
from accounts.states import OrganisationKind
from billing.models import Payment, Settlement, Wallet, WalletLimit
from billing.models.wallets import NEVER_OVERDRAWN
from billing.permissions import may_grant_credit, may_limit, may_receive
from billing.rules import payer_kind_of
from billing.services.ledger import of_payer, of_seller, write_entry
from billing.states import (
    USUAL_SETTLEMENT,
    Account,
    EntryKind,
    LimitPeriod,
    PayerKind,
    PaymentKind,
    PayWhen,
    SettlementKind,
)
from common.db import violation_means
from common.errors import NotAllowed, WrongInput

ZERO = Decimal(0)
NOT_YOURS = _("Only who looks after this wallet may do this.")


@dataclass(frozen=True)
class Terms:
    """How a payer settles with a seller, when, and after how many days overdue nothing more is sold (0: never)."""

    kind: str
    pay_when: str
    overdue_days: int = 30


def wallet_of(owner: ResearchGroup | Organisation | User) -> Wallet:
    """The owner's wallet; made when it is first asked for, with nothing in it and no credit."""
    columns = {ResearchGroup: "group", Organisation: "organisation", User: "person"}
    whose: dict[str, Any] = {next(name for kind, name in columns.items() if isinstance(owner, kind)): owner}
    found = Wallet.objects.with_owners().filter(**whose).first()
    return found or Wallet.objects.get_or_create(**whose)[0]


def settlement_between(wallet: Wallet, seller: Organisation) -> Terms:
    """How this payer settles with that seller: as agreed for them alone, for their kind, or as is usual. One statement.

    `wallet` comes with its owners.
    """
    kind = kind_of_payer(wallet, seller)
    rows = Settlement.objects.filter(seller=seller).filter(wallet=wallet) | Settlement.objects.filter(
        seller=seller, wallet=None, payer_kind=kind
    )
    row = min(rows, key=lambda each: each.wallet_id is None, default=None)
    if row is None:
        return Terms(*USUAL_SETTLEMENT[kind])
    return Terms(row.kind, row.pay_when, row.overdue_days)


def kind_of_payer(wallet: Wallet, seller: Organisation) -> PayerKind:
    """What kind of payer the wallet's owner is to that seller."""
    organisation = wallet.group.organisation if wallet.group else wallet.organisation
    is_firm = organisation is not None and organisation.kind == OrganisationKind.COMPANY
    return payer_kind_of(
        is_person=organisation is None,
        is_firm=is_firm,
        owner_id=organisation.pk if organisation else None,
        seller_id=seller.pk,
    )


@transaction.atomic
def pay_in(
    wallet: Wallet, *, amount: Decimal, seller: Organisation, by: User | None, kind: str = PaymentKind.TRANSFER,
    reference: str = "", on: date | None = None,
) -> Payment:  # fmt: skip
    """Money that a seller received for a payer's wallet, to be spent later. `by` None is the portal itself."""
    if by is not None and not may_receive(by, seller):
        raise NotAllowed(_("Only the seller's finance officers may do this."))
    refuse_not_positive(amount)
    day = on or timezone.localdate()
    payment = Payment.objects.create(
        seller=seller, wallet=wallet, kind=kind, amount=amount, paid_on=day, reference=reference, made_by=by
    )
    legs = [of_payer(wallet, Account.WALLET, amount), of_seller(seller, Account.CASH, -amount)]
    write_entry(EntryKind.TOP_UP, legs, by=by, on=day, payment=payment)
    return payment


@transaction.atomic
def grant_credit(wallet: Wallet, *, amount: Decimal, by: User | None) -> Wallet:
    """Say how far a wallet may go below nothing. Raises WrongInput where more than that is owed already."""
    if by is not None and not may_grant_credit(by, wallet):
        raise NotAllowed(NOT_YOURS)
    if amount < 0:
        raise WrongInput("amount", "min_value", _("An amount is not below zero."))
    with violation_means(NEVER_OVERDRAWN, WrongInput("amount", "too_small", _("More than that is owed already."))):
        Wallet.objects.filter(pk=wallet.pk).update(credit_line=amount, version=F("version") + 1)
    return Wallet.objects.with_owners().get(pk=wallet.pk)


@transaction.atomic
def set_limit(
    wallet: Wallet, *, member: User, amount: Decimal | None, period: str = LimitPeriod.MONTH, by: User
) -> WalletLimit | None:
    """Say how much of a wallet one member may spend in a period; None takes the limit away."""
    if not may_limit(by, wallet):
        raise NotAllowed(NOT_YOURS)
    if amount is None:
        WalletLimit.objects.filter(wallet=wallet, member=member).delete()
        return None
    if not Wallet.objects.payable_by(member).filter(pk=wallet.pk).exists():
        raise WrongInput("member", "invalid", _("This person does not pay with this wallet."))
    limit = WalletLimit.objects.filter(wallet=wallet, member=member).first() or WalletLimit(
        wallet=wallet, member=member
    )
    limit.amount, limit.period, limit.set_by, limit.set_at = amount, period, by, timezone.now()
    limit.full_clean()
    limit.save()
    return limit


@transaction.atomic
def agree_settlement(
    seller: Organisation, *, by: User | None, kind: str, payer_kind: str = "", wallet: Wallet | None = None,
    pay_when: str = PayWhen.AFTER_CONFIRMATION, overdue_days: int = 30,
) -> Settlement:  # fmt: skip
    """Say how a kind of payer, or one payer alone, settles with a seller."""
    if by is not None and not may_receive(by, seller):
        raise NotAllowed(_("Only the seller's finance officers may do this."))
    payer_kind = kind_of_payer(wallet, seller) if wallet else PayerKind(payer_kind)
    key = (
        {"seller": seller, "wallet": wallet} if wallet else {"seller": seller, "wallet": None, "payer_kind": payer_kind}
    )
    row = Settlement.objects.filter(**key).first() or Settlement(**key)
    row.payer_kind, row.kind = payer_kind, SettlementKind(kind)
    row.pay_when, row.overdue_days = PayWhen(pay_when), overdue_days
    row.full_clean()
    row.save()
    return row


def refuse_not_positive(amount: Decimal, field: str = "amount") -> None:
    if amount <= 0:
        raise WrongInput(field, "min_value", _("An amount is more than nothing."))
