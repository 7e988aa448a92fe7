"""Invoices and credit notes as PDFs that are kept: printed once, from words that no longer change."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import translation

from billing.models import CreditNote, Invoice
from billing.pdf import credit_sheet, statement
from billing.states import LineState
from common.errors import WrongInput
from records.models import StoredFile
from records.services import keep_document, keep_picture

CHINESE, PICTURES = "zh-hans", (".jpg", ".jpeg", ".png", ".webp")


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


def keep_paper_of(upload: Any, *, by: Any, field: str) -> StoredFile:
    """A slip or a fapiao that somebody hands in, as PDF or picture. Raises WrongInput (`field`)."""
    keep = keep_picture if str(upload.name).lower().endswith(PICTURES) else keep_document
    try:
        return keep(upload, by=by)
    except WrongInput as error:
        raise WrongInput(field, error.code, error.detail) from error
