"""Invoices, as who pays them sees them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from billing import services
from billing.models import Invoice
from common.web import printed


@login_required
@require_safe
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    found = get_object_or_404(Invoice.objects.visible_to(request.user), pk=invoice_id)
    return HttpResponse(str(found))


@login_required
@require_safe
def invoice_pdf(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice on paper: as it was printed, or a draft's as it would be now."""
    found = get_object_or_404(Invoice.objects.with_everything().visible_to(request.user), pk=invoice_id)
    if not found.number:
        return printed(services.paper_of(found), "draft.pdf")
    return printed(services.keep_paper(found).path.read_bytes(), f"{found.reference}.pdf")
