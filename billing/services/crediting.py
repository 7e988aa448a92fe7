"""Credit notes (红字结算单): what an institution takes back of an invoice; and the invoice that takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from billing.models import Charge, CreditNote, Invoice, InvoiceLine
from billing.permissions import may_receive
from billing.pricing import split_vat
from billing.services.drafting import ONLY_FINANCE
from billing.services.issuing import lock_invoice, look_once_more, turn
from billing.services.ledger import of_payer, of_seller, write_entry
from billing.services.news import report_invoice
from billing.services.numbering import next_number
from billing.states import OUT, Account, EntryKind, InvoiceState, Series
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from notifications.states import EventKind

ZERO = Decimal(0)
NOT_OUT = Refusal("wrong_state", _("Only an invoice that is out and not wholly credited can be credited."))
NOTHING = Refusal("nothing_to_credit", _("Nothing is left of these lines."), "lines")

# The lines as they were, of charges that another invoice may ask for once these no longer count.
COPY_LINES = """
INSERT INTO billing_invoiceline (
    invoice_id, charge_id, position, state, counts, name_zh, name_en, used_on, fund_code, vat_rate,
    net, vat, gross, covered, to_pay
)
SELECT %s, line.charge_id, line.position, 'included', true, line.name_zh, line.name_en, line.used_on,
    COALESCE(fund.code, ''), line.vat_rate, line.net, line.vat, line.gross, line.covered, line.to_pay
FROM billing_invoiceline AS line JOIN billing_charge AS charge ON charge.id = line.charge_id
LEFT JOIN billing_fundcode AS fund ON fund.id = charge.fund_code_id
WHERE line.invoice_id = %s AND line.state = 'included' AND charge.to_pay > charge.refunded
"""


@transaction.atomic
def credit(invoice: Invoice, *, by: User, reason: str, amounts: Mapping[int, Decimal] | None = None) -> CreditNote:
    """Take an invoice back: all of it, or `amounts` by line (position). The charges are given back by new entries.

    Raises Refused: `wrong_state`, `nothing_to_credit`; WrongInput for more than is left of a line.
    """
    locked, reason = _to_be_credited(invoice, by=by, reason=reason)
    lines = _lines_to_credit(locked, amounts)
    note = _write_note(locked, lines, by=by, reason=reason)
    for line, amount in lines:
        _give_back(line.charge, amount, note=note, by=by)
    _stand_credited(locked, note.to_pay)
    _tell(locked, note)
    return note


@transaction.atomic
def reissue(invoice: Invoice, *, by: User, reason: str) -> Invoice:
    """Take an invoice back whole and draft another of the same charges, as they are now; nothing is given back.

    For a wrong project number or wrong words. What was paid counts for the new one when it is issued.
    """
    locked, reason = _to_be_credited(invoice, by=by, reason=reason)
    lines = _lines_to_credit(locked, None)
    note = _write_note(locked, lines, by=by, reason=reason)
    InvoiceLine.objects.filter(invoice=locked, counts=True).update(counts=False)
    turn(locked, InvoiceState.CREDITED, credited=locked.credited + note.to_pay)
    first = lines[0][0].charge
    made = Invoice.objects.create(
        seller=locked.seller, wallet=locked.wallet, replaces=locked, settlement=locked.settlement,
        fund_code=first.fund_code, from_day=locked.from_day, to_day=locked.to_day,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(COPY_LINES, [made.pk, locked.pk])
    look_once_more(made)
    return Invoice.objects.with_everything().get(pk=made.pk)


def refuse_on_invoice(charge: Charge) -> None:
    """Raise Refused (`on_an_invoice`) where an invoice that is out asks for this charge: that one is paid instead."""
    line = _line_out(charge)
    if line is not None:
        sentence = _("Invoice %(number)s asks for this: enter the payment for it.") % {"number": line.invoice.label}
        raise Refused([Refusal("on_an_invoice", sentence, "", {"invoice": str(line.invoice_id)})])


def note_refund(charge: Charge, *, amount: Decimal, by: User | None, reason: str) -> CreditNote | None:
    """A refund's credit note, where an invoice that is out asks for it; the books are the caller's."""
    line = _line_out(charge)
    if line is None:
        return None
    locked = lock_invoice(line.invoice)
    note = _write_note(locked, [(line, amount)], by=by, reason=reason or str(_("refund")))
    _stand_credited(locked, amount)
    _tell(locked, note)
    return note


def _line_out(charge: Charge) -> InvoiceLine | None:
    found = InvoiceLine.objects.filter(charge=charge, counts=True, invoice__number__isnull=False)
    return found.select_related("invoice").first()


def _tell(invoice: Invoice, note: CreditNote) -> None:
    occasion = f"credit {note.label}"
    report_invoice(invoice, "invoice_credited", EventKind.INVOICE_CREDITED, occasion=occasion, note=note)


def _to_be_credited(invoice: Invoice, *, by: User, reason: str) -> tuple[Invoice, str]:
    locked = lock_invoice(invoice)
    if not may_receive(by, locked.seller):
        raise NotAllowed(ONLY_FINANCE)
    if locked.state not in OUT or locked.state == InvoiceState.CREDITED:
        raise Refused([NOT_OUT])
    reason = tidy(reason)[:500]
    if not reason:
        raise WrongInput("reason", "required", _("Say why it is taken back: the payer reads it."))
    return locked, reason


def _lines_to_credit(invoice: Invoice, amounts: Mapping[int, Decimal] | None) -> list[tuple[InvoiceLine, Decimal]]:
    """The lines and how much of each; under the charges' locks."""
    counted = InvoiceLine.objects.filter(invoice=invoice, counts=True)
    wanted = counted if amounts is None else counted.filter(position__in=amounts)
    ids = wanted.order_by().values("charge")
    charges = {
        each.pk: each
        for each in Charge.objects.filter(pk__in=ids)
        .select_for_update(of=("self",), no_key=True)
        .select_related("seller", "wallet", "fund_code")
        .order_by("pk")
    }
    found = []
    for line in wanted:
        line.charge = charges[line.charge_id]
        amount = line.charge.left if amounts is None else amounts[line.position]
        if not ZERO <= amount <= line.charge.left:
            raise WrongInput("lines", "too_much", _("More than is left of line %(n)s.") % {"n": line.position})
        if amount:
            found.append((line, amount))
    if not found:
        raise Refused([NOTHING])
    return found


def _write_note(
    invoice: Invoice, lines: list[tuple[InvoiceLine, Decimal]], *, by: User | None, reason: str
) -> CreditNote:
    given = next_number(invoice.seller, Series.CREDIT_NOTE, day=timezone.localdate())
    rows = [_row(line, amount) for line, amount in lines]
    total = {name: sum((Decimal(row[name]) for row in rows), ZERO) for name in ("net", "vat", "to_pay")}
    return CreditNote.objects.create(
        invoice=invoice, seller=invoice.seller, year=given.year, number=given.number, lines=rows, reason=reason,
        gross=total["to_pay"], made_by=by, **total,
    )  # fmt: skip


def _row(line: InvoiceLine, amount: Decimal) -> dict[str, Any]:
    net, vat = split_vat(amount, line.vat_rate)
    amounts = {"net": net, "vat": vat, "gross": amount, "covered": ZERO, "to_pay": amount}
    words = {"position": line.position, "name_zh": line.name_zh, "name_en": line.name_en}
    return words | {name: f"{value:.2f}" for name, value in amounts.items()}


def _give_back(charge: Charge, amount: Decimal, *, note: CreditNote, by: User) -> None:
    Charge.objects.filter(pk=charge.pk).update(refunded=F("refunded") + amount)
    net, vat = split_vat(amount, charge.vat_rate)
    legs = [
        of_payer(charge.wallet, charge.account, amount),
        of_seller(charge.seller, Account.INCOME, -net),
        of_seller(charge.seller, Account.VAT, -vat),
    ]
    write_entry(EntryKind.CREDIT_NOTE, legs, by=by, charge=charge, credit_note=note, reason=note.reason)


def _stand_credited(invoice: Invoice, amount: Decimal) -> None:
    """Wholly credited, paid by what is left, or still open; what was paid above that is in the payer's wallet."""
    credited = invoice.credited + amount
    if credited >= invoice.to_pay:
        turn(invoice, InvoiceState.CREDITED, credited=credited)
    elif invoice.state != InvoiceState.PAID and invoice.paid + credited >= invoice.to_pay:
        turn(invoice, InvoiceState.PAID, credited=credited)
    else:
        invoice.credited, invoice.updated_at, invoice.version = credited, timezone.now(), invoice.version + 1
        invoice.save(update_fields=["credited", "updated_at", "version"])
