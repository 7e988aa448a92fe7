"""Pages: money that came in, and what nobody knows yet what for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from billing import services
from billing.forms.invoicing import MatchForm, PaymentForm
from billing.models import Invoice, Payment
from billing.permissions import may_receive
from billing.views.finding import seller_kept_by
from common.errors import NotAllowed, WrongInput
from common.sending import send_file
from common.web import READ_OR_SEND, here, says_why, taken

A_PAGE = 50


@login_required
@READ_OR_SEND
def payments(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """What came in, the form that enters it, and what is unclaimed with guesses whose it is."""
    seller = seller_kept_by(request, organisation_id)
    form = PaymentForm(request.POST or None, request.FILES or None, initial=_meant(request, seller))
    if request.method == "POST":
        payment = taken(form, lambda: _entered(request, seller, dict(form.cleaned_data)))
        if payment:
            return here(request, _said(payment))
    found = Payment.objects.filter(seller=seller).select_related(
        "wallet__group", "wallet__organisation", "wallet__person", "invoice", "charge", "slip", "made_by"
    )
    unclaimed = list(found.unclaimed().order_by("paid_on", "made_at")[:A_PAGE])
    for each in unclaimed:
        each.guesses = _guesses(each)  # type: ignore[attr-defined]
    page = Paginator(found.order_by("-paid_on", "-made_at"), A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {"seller": seller, "section": "payments", "form": form, "page": page}
    context |= {"unclaimed": unclaimed, "keeps": may_receive(request.user, seller)}
    return render(request, "billing/payments.html", context, status=400 if form.errors else 200)


def _meant(request: HttpRequest, seller: Organisation) -> dict[str, Any]:
    """What the form says already when one comes from an invoice."""
    try:
        wanted = Invoice.objects.filter(seller=seller, pk=UUID(request.GET.get("invoice", ""))).first()
    except ValueError:
        return {}
    return {"reference": wanted.reference, "amount": wanted.open_amount} if wanted else {}


def _entered(request: HttpRequest, seller: Organisation, given: dict[str, Any]) -> Payment:
    if not may_receive(request.user, seller):
        raise NotAllowed(_("Only the seller's finance officers may do this."))
    upload = given.pop("slip")
    slip = services.keep_paper_of(upload, by=request.user, field="slip") if upload else None
    return services.record_payment(seller, by=request.user, slip=slip, **given)


def _said(payment: Payment) -> str:
    if payment.invoice is None:
        return _("Entered as unclaimed: no reference of an invoice stands in it.")
    return _("Entered for invoice %(number)s.") % {"number": payment.invoice.label}


def _guesses(payment: Payment) -> list[Invoice]:
    """Unpaid invoices with exactly this much open, or of a payer of this name."""
    unpaid = Invoice.objects.filter(seller=payment.seller).unpaid().with_everything()
    unpaid = unpaid.annotate(still=F("to_pay") - F("paid") - F("credited")).filter(still__gte=payment.amount)
    named = Q(still=payment.amount)
    if payment.payer_words:
        named |= Q(wallet__organisation__name_zh=payment.payer_words) | Q(wallet__person__name=payment.payer_words)
    return list(unpaid.filter(named).order_by("issued_on")[:3])


@login_required
@require_POST
@says_why("finance_home")
def match(request: HttpRequest, payment_id: UUID) -> HttpResponse:
    """Say which invoice a receipt was for."""
    payment = get_object_or_404(Payment.objects.visible_to(request.user).select_related("seller"), pk=payment_id)
    form = MatchForm(request.POST)
    wanted = None
    if form.is_valid():
        named = Invoice.objects.filter(seller=payment.seller).out().named(form.cleaned_data["reference"])[:2]
        wanted = named[0] if len(named) == 1 else None
    if wanted is None:
        raise WrongInput("reference", "invalid", _("No one invoice has this number or reference."))
    services.match_payment(payment, invoice=wanted, by=request.user)
    messages.success(request, _("Entered for invoice %(number)s.") % {"number": wanted.label})
    return redirect("payments", payment.seller_id)


@login_required
@require_safe
def slip(request: HttpRequest, payment_id: UUID) -> HttpResponseBase:
    """The bank's slip, to those who see the payment."""
    payment = get_object_or_404(Payment.objects.visible_to(request.user).select_related("slip"), pk=payment_id)
    if payment.slip is None:
        raise Http404
    return send_file(request, payment.slip)
