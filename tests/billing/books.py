"""Situations of invoicing: charges of several payers, a run with its drafts, an invoice that is out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.utils import timezone

from accounts.states import Role
from billing.models import Invoice, InvoiceRun
from billing.services import charge, choose_lines, issue_invoice, make_drafts, record_payment, start_run
from billing.states import LineState
from tests.billing.shop import firm, price, wallet_with
from tests.factories import member

TODAY = date(2026, 11, 25)


def officer_of(seller, name="finance"):
    return member(name, seller, Role.FINANCE)


def used(wallet, seller, amount="100", *, on=None, covered="0", name="扫描电镜 2026-11-25 09:00–10:00", **more):
    """A charge for something used on a day (today, when none is named)."""
    words = {"name_zh": name, "name_en": "SEM"}
    return charge(
        seller=seller, wallet=wallet, price=price(amount, covered=covered), used_on=on or timezone.localdate(),
        by=None, **words, **more,
    )  # fmt: skip


def payer_of(seller, name="示范科技有限公司", *, credit="100000"):
    return wallet_with(firm(name), seller, credit=credit)


def drafted(seller, by, *, month=None) -> InvoiceRun:
    """A run with its drafts made."""
    run = start_run(seller, month=month or timezone.localdate(), by=by)
    make_drafts(run)
    run.refresh_from_db()
    return run


def issued(seller, by, *, wallet=None, amounts=("100",), **more) -> Invoice:
    """An invoice that is out, over charges of these amounts used today."""
    wallet = wallet or payer_of(seller)
    for amount in amounts:
        used(wallet, seller, amount, **more)
    draft = drafted(seller, by).invoices.get(wallet=wallet)
    return issue_invoice(draft, by=by)


def paid(invoice, by, amount=None, **more):
    amount = Decimal(amount) if amount else invoice.open_amount
    return record_payment(invoice.seller, amount=amount, by=by, invoice=invoice, **more)


def leave_out(line, by, state=LineState.EXCLUDED):
    return choose_lines(line.invoice.run, lines=[line.pk], state=state, by=by)


def fresh(row):
    return type(row).objects.get(pk=row.pk)
