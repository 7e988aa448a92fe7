"""Pages: an invoice as its payer and its seller's finance see it, and what each may do with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.forms.invoicing import CreditForm, LinesForm, VoucherForm
from billing.models import CreditNote, Invoice
from billing.permissions import may_receive, may_speak_for
from billing.states import OUT, UNPAID, FapiaoState, InvoiceState, LineState, SettlementKind
from billing.views.finding import invoice_seen_by
from common.web import READ_OR_SEND, printed, says_why, taken
from common.words import money

A_PAGE = 50


@login_required
@require_safe
def my_invoices(request: HttpRequest) -> HttpResponse:
    """What the reader's wallets are asked to pay: open ones first."""
    found = Invoice.objects.paid_by(request.user).out().with_everything()
    only_open = request.GET.get("open") == "1"
    found = found.unpaid() if only_open else found
    page = Paginator(found.order_by("-issued_on", "-pk"), A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "only_open": only_open, "today": timezone.localdate()}
    return render(request, "billing/my_invoices.html", context)


@login_required
@require_safe
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """One invoice: whom, what for, how it stands, its papers; its buttons are the reader's."""
    found = invoice_seen_by(request, invoice_id)
    return render(request, "billing/invoice.html", _shown(request, found))


def _shown(request: HttpRequest, found: Invoice, **more: Any) -> dict[str, Any]:
    keeps, pays = may_receive(request.user, found.seller), may_speak_for(request.user, found.wallet)
    is_draft, internal = found.state == InvoiceState.DRAFT, found.settlement == SettlementKind.INTERNAL
    lines = found.lines.select_related("charge")
    fapiao = found.fapiao_requests.order_by("-requested_at")
    waits = found.state in UNPAID
    asked = any(each.state != FapiaoState.VOID for each in fapiao)
    today = timezone.localdate()
    return {
        "invoice": found, "seller": found.seller, "section": "invoices", "keeps": keeps, "pays": pays,
        "lines": lines if is_draft and keeps else lines.filter(state=LineState.INCLUDED), "is_draft": is_draft,
        "internal": internal, "payments": found.payments.order_by("paid_on", "made_at"),
        "notes": found.credit_notes.order_by("made_at"), "fapiao": fapiao, "today": today,
        "late": (today - found.due_on).days if waits and found.due_on and found.due_on < today else 0,
        "may_credit": keeps and found.state in OUT and found.state != InvoiceState.CREDITED,
        "may_ask_fapiao": (keeps or pays) and not internal and not asked
        and found.state in {*UNPAID, InvoiceState.PAID},
        "voucher_form": VoucherForm(initial={"voucher": found.voucher}) if internal and waits and (keeps or pays)
        else None,
        "newer": found.replaced_by.first(), "pays_by_bank": waits and found.settlement == SettlementKind.TRANSFER,
        **more,
    }  # fmt: skip


@login_required
@require_safe
def invoice_pdf(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The invoice on paper: as it was printed, or a draft's as it would be now."""
    found = invoice_seen_by(request, invoice_id)
    if not found.number:
        return printed(services.paper_of(found), "draft.pdf")
    return printed(services.keep_paper(found).path.read_bytes(), f"{found.reference}.pdf")


@login_required
@require_safe
def credit_note_pdf(request: HttpRequest, note_id: UUID) -> HttpResponse:
    visible = CreditNote.objects.visible_to(request.user).select_related("invoice")
    note = get_object_or_404(visible, pk=note_id)
    return printed(services.paper_of_credit(note), f"credit-{note.label}.pdf")


@login_required
@require_POST
@says_why("finance_home")
def issue(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Issue one draft by itself."""
    issued = services.issue_invoice(invoice_seen_by(request, invoice_id), by=request.user)
    if issued.number:
        messages.success(request, _("Issued as %(number)s; the payer was told.") % {"number": issued.label})
        return redirect(issued)
    messages.success(request, _("All lines were left out: the draft is dropped."))
    return redirect("invoice_run", issued.run_id) if issued.run_id else redirect("finance_home")


@login_required
@require_POST
@says_why("finance_home")
def lines(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Include, exclude or postpone chosen lines of a draft."""
    found = invoice_seen_by(request, invoice_id)
    form = LinesForm(request.POST, lines=list(found.lines.values_list("pk", flat=True)))
    if not form.is_valid() or found.run is None:
        messages.error(request, _("Tick the lines first."))
        return redirect(found)
    given = form.cleaned_data
    services.choose_lines(found.run, lines=given["line"], state=given["state"], by=request.user)
    return redirect(found)


@login_required
@require_POST
@says_why("my_invoices")
def voucher(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """The voucher of an internal transfer: a payer notes it, the seller's finance settles by it."""
    found, number = invoice_seen_by(request, invoice_id), request.POST.get("voucher", "")
    if may_receive(request.user, found.seller) and request.POST.get("do") == "settle":
        services.settle_internally(found, voucher=number, by=request.user)
        messages.success(request, _("Settled: the invoice is paid."))
    else:
        services.note_voucher(found, voucher=number, by=request.user)
        messages.success(request, _("Noted. Finance compares it with its books."))
    return redirect(found)


@login_required
@READ_OR_SEND
def credit(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """Take an invoice back: whole, a part of it, or with another in its place."""
    found = invoice_seen_by(request, invoice_id)
    counted = found.lines.filter(counts=True)
    choices = [(each.position, f"{each.position} · {each.name} · {money(each.to_pay)}") for each in counted]
    form = CreditForm(request.POST or None, lines=choices, initial={"how": "whole"})
    if request.method == "POST" and (done := taken(form, lambda: _credited(request, found, form.cleaned_data))):
        return redirect(done)
    context = _shown(request, found, form=form)
    return render(request, "billing/credit.html", context, status=400 if form.errors else 200)


def _credited(request: HttpRequest, found: Invoice, given: dict[str, Any]) -> Invoice:
    by, reason = request.user, given["reason"]
    if given["how"] == "anew":
        return services.reissue(found, by=by, reason=reason)
    amounts: dict[int, Decimal] | None = None
    if given["how"] == "part":
        amounts = {given["position"]: given["amount"]}
    return services.credit(found, by=by, reason=reason, amounts=amounts).invoice
