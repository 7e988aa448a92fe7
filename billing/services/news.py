"""Which programs hear of charges and invoices: those of who pays and of who keeps the seller's books."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import Organisation, User
from billing.models import Charge, Invoice, Wallet
from billing.services.drafting import keepers_of
from notifications.services import announce, tell
from notifications.states import EventKind


def readers_of(wallet: Wallet) -> list[User]:
    """Who hears of a payer's invoices: the person, the group's principal investigator, who keeps a firm's books."""
    if wallet.person:
        return [wallet.person]
    if wallet.group:
        return [wallet.group.pi]
    return list(keepers_of(wallet.organisation)) if isinstance(wallet.organisation, Organisation) else []


def report_invoice(invoice: Invoice, event: str, kind: EventKind, *, occasion: str = "", **details: Any) -> None:
    """Tell whoever pays an invoice (`told/<event>.txt`), and the programs of both sides."""
    readers = readers_of(invoice.wallet)
    tell(event, to=readers, about=invoice, occasion=occasion, **details)
    to = {each.pk for each in readers} | _books_of(invoice.seller)
    announce(kind, about=invoice, to=sorted(to), href=reverse("api_invoice", args=[invoice.pk]))


def broadcast_charge(charge: Charge, kind: EventKind) -> None:
    """An event for the programs of both sides, and of whoever used what is charged."""
    to = {each.pk for each in readers_of(charge.wallet)} | _books_of(charge.seller)
    to |= {charge.member_id} if charge.member_id else set()
    announce(kind, about=charge, to=sorted(to), href=reverse("api_charge", args=[charge.pk]))


def _books_of(seller: Organisation) -> set[UUID]:
    return set(keepers_of(seller).values_list("pk", flat=True))
