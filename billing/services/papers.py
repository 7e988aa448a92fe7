"""Invoices and credit notes as PDFs that are kept: printed once, from words that no longer change."""

from __future__ import annotations

from django.db import transaction
from django.utils import translation

from billing.models import CreditNote, Invoice
from billing.pdf import credit_sheet, statement
from billing.states import LineState
from records.models import StoredFile
from records.services import keep_document

CHINESE = "zh-hans"


def keep_paper(invoice: Invoice) -> StoredFile:
    """The invoice's PDF; printed when there is none yet, and the same for whoever asks."""
    if invoice.pdf:
        return invoice.pdf
    data = paper_of(invoice)
    with transaction.atomic():
        locked = Invoice.objects.select_for_update(no_key=True).get(pk=invoice.pk)
        if locked.pdf is None:
            locked.pdf = keep_document(data, by=None, name=f"{locked.reference}.pdf")
            locked.save(update_fields=["pdf"])
    invoice.pdf = locked.pdf
    return locked.pdf


def paper_of(invoice: Invoice) -> bytes:
    """What the invoice looks like on paper, in Chinese whoever reads it; a draft says that it is one."""
    lines = invoice.lines.filter(state=LineState.INCLUDED)
    with translation.override(CHINESE):
        return statement(invoice, lines)


def paper_of_credit(note: CreditNote) -> bytes:
    with translation.override(CHINESE):
        return credit_sheet(note)
