"""Pages of an institution's finance officers: what is open and how old, what was earned, all invoices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from billing import services
from billing.forms.invoicing import MONTHS, InvoicesForm, LetterheadForm
from billing.models import FapiaoRequest, Invoice, InvoiceRun, Letterhead, Payment
from billing.querysets import books_of
from billing.states import FapiaoState, RunState, SettlementKind
from billing.views.finding import csv_response, seller_kept_by
from common.web import READ_OR_SEND, here, saved

A_PAGE = 50
SHOWN = 15


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The books of one's own organisation; where one keeps several, the one that has invoices."""
    kept = Organisation.objects.filter(pk__in=books_of(request.user))
    first = kept.filter(facilities__isnull=False).order_by("created_at").first() or kept.order_by("created_at").first()
    if first is None:
        raise Http404
    return redirect("finance", first.pk)


@login_required
@require_safe
def overview(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Receivables by age and revenue by instrument, as pictures, tables and CSV; what waits for finance."""
    seller, today = seller_kept_by(request, organisation_id), timezone.localdate()
    asked = request.GET.get("months", "")
    months = int(asked) if asked in map(str, MONTHS) else MONTHS[0]
    since = services.month_before(today, months - 1)
    bands = services.receivables_by_age(seller, today=today)
    earned = services.revenue_by_instrument(seller, since=since)
    kinds = services.settlements_in(bands)
    if request.GET.get("as") == "receivables.csv":
        headers = [_("Days since issue"), _("Invoices"), *(str(kind.label) for kind in kinds), _("Open (CNY)")]
        rows = [[b.name, b.count, *(_two(b.amounts.get(kind, 0)) for kind in kinds), _two(b.total)] for b in bands]
        return csv_response("receivables.csv", headers, rows)
    if request.GET.get("as") == "revenue.csv":
        headers = [
            _("Instrument"),
            _("Charges"),
            _("With VAT (CNY)"),
            _("Without VAT (CNY)"),
            _("Of that by funds (CNY)"),
        ]
        rows = [[e.name, e.count, _two(e.gross), _two(e.net), _two(e.covered)] for e in earned]
        return csv_response("revenue.csv", headers, rows)
    issued = Invoice.objects.filter(seller=seller)
    context: dict[str, Any] = {
        "seller": seller, "section": "overview", "bands": [(b, [b.amounts.get(k) or 0 for k in kinds]) for b in bands],
        "kinds": kinds, "open": sum(b.total for b in bands), "earned": earned[:SHOWN], "all_earned": earned,
        "gross": sum(e.gross for e in earned), "months": months, "all_months": MONTHS, "since": since, "today": today,
        "overdue": issued.overdue(today).count(),
        "draft_runs": InvoiceRun.objects.filter(seller=seller, state=RunState.DRAFT).order_by("-month"),
        "unclaimed": Payment.objects.filter(seller=seller).unclaimed().count(),
        "fapiao_waiting": FapiaoRequest.objects.filter(invoice__seller=seller, state=FapiaoState.REQUESTED).count(),
        "vouchers": issued.unpaid().filter(settlement=SettlementKind.INTERNAL).exclude(voucher="").count(),
        "has_letterhead": Letterhead.objects.filter(seller=seller).exclude(account="").exists(),
        "others": Organisation.objects.filter(pk__in=books_of(request.user)).exclude(pk=seller.pk)[:10],
    }  # fmt: skip
    return render(request, "billing/finance.html", context)


def _two(amount: Any) -> str:
    return f"{amount:.2f}"


@login_required
@require_safe
def invoices(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """All invoices of the institution, with filters; `as=invoices.csv` gives what is shown."""
    seller, today = seller_kept_by(request, organisation_id), timezone.localdate()
    form = InvoicesForm(request.GET)
    found = Invoice.objects.filter(seller=seller).with_everything().order_by("-year", "-number", "-made_at")
    if form.is_valid():
        found = form.narrowed(found, today=today)
    if request.GET.get("as") == "invoices.csv":
        return _as_csv(list(found[:10_000]))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {"seller": seller, "section": "invoices", "form": form, "page": page, "today": today, "of_finance": True}
    return render(request, "billing/finance_invoices.html", context)


def _as_csv(found: list[Invoice]) -> HttpResponse:
    headers = [
        _("Number"), _("Reference"), _("Payer"), _("Project number"), _("Settlement"), _("State"), _("Issued on"),
        _("Due on"), _("Net (CNY)"), _("VAT (CNY)"), _("By funds (CNY)"), _("To pay (CNY)"), _("Paid (CNY)"),
        _("Credited (CNY)"), _("Open (CNY)"), _("Voucher"),
    ]  # fmt: skip
    rows = [
        [
            each.label, each.reference, each.wallet.name, each.fund_code.code if each.fund_code else "",
            each.get_settlement_display(), each.get_state_display(), each.issued_on or "", each.due_on or "",
            *map(_two, (each.net, each.vat, each.covered, each.to_pay, each.paid, each.credited, each.open_amount)),
            each.voucher,
        ]
        for each in found
    ]  # fmt: skip
    return csv_response("invoices.csv", headers, rows)


@login_required
@READ_OR_SEND
def letterhead(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Bank, account and address as they stand on the institution's invoices."""
    seller = seller_kept_by(request, organisation_id)
    row = Letterhead.objects.filter(seller=seller).first()
    form = LetterheadForm(request.POST or None, instance=row or Letterhead(seller=seller))
    if request.method == "POST" and saved(
        form, lambda: services.set_letterhead(seller, by=request.user, **form.cleaned_data)
    ):
        return here(request, _("Saved. Invoices issued from now on say so."))
    context = {"seller": seller, "section": "letterhead", "form": form}
    return render(request, "billing/letterhead.html", context, status=400 if form.errors else 200)
