"""What the pages of finance look up: only what the reader may see is there."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from accounts.models import Organisation
from billing.models import Invoice
from billing.querysets import audits, books_of
from common.tables import csv_of


def seller_kept_by(request: HttpRequest, organisation_id: UUID) -> Organisation:
    """An organisation whose books the reader keeps, or audits; 404 for everybody else."""
    kept = Organisation.objects.filter(pk__in=books_of(request.user))
    if audits(request.user):
        kept = Organisation.objects.all()
    return get_object_or_404(kept, pk=organisation_id)


def invoice_seen_by(request: HttpRequest, invoice_id: UUID) -> Invoice:
    return get_object_or_404(Invoice.objects.visible_to(request.user).with_everything(), pk=invoice_id)


def csv_response(name: str, headers: list[str], rows: list[list[Any]]) -> HttpResponse:
    """A table as a file that spreadsheet programs open."""
    table = csv_of(headers, [dict(zip(headers, row, strict=True)) for row in rows])
    response = HttpResponse(table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
