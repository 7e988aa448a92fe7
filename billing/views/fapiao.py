"""Pages: asking for a fapiao, the list for the tax system's client, the number that came back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing import services
from billing.forms.invoicing import FapiaoForm, FapiaoNumberForm
from billing.models import FapiaoRequest, Invoice
from billing.permissions import may_receive
from billing.states import FapiaoState
from billing.views.finding import invoice_seen_by, seller_kept_by
from common.errors import NotAllowed
from common.sending import send_file
from common.web import READ_OR_SEND, saved, says_why

A_PAGE, AT_ONCE = 50, 2000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_required
@READ_OR_SEND
def ask(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    """What stands on the fapiao of an invoice; what was said last time for this payer stands there already."""
    found = invoice_seen_by(request, invoice_id)
    form = FapiaoForm(request.POST or None, initial=_usual(request, found))
    if request.method == "POST" and saved(
        form, lambda: services.request_fapiao(found, by=request.user, **form.cleaned_data)
    ):
        messages.success(request, _("Asked for. You hear of it when the fapiao is there."))
        return redirect(found)
    return render(
        request, "billing/ask_fapiao.html", {"invoice": found, "form": form}, status=400 if form.errors else 200
    )


def _usual(request: HttpRequest, found: Invoice) -> dict[str, Any]:
    last = FapiaoRequest.objects.filter(invoice__wallet=found.wallet).order_by("-requested_at").first()
    names = ("kind", "is_personal", "title", "uscc", "address", "phone", "bank", "account")
    if last:
        return {name: getattr(last, name) for name in names} | {"email": request.user.email}
    payer, person = found.payer_words, found.wallet.person
    title = payer.get("organisation_zh") or payer.get("name_zh", "")
    return {
        "title": title, "uscc": payer.get("uscc", ""), "email": request.user.email, "is_personal": person is not None
    }  # fmt: skip


@login_required
@require_safe
def requests(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """What is asked for; `as=fapiao.xlsx` gives those that wait, for the tax system's client."""
    seller = seller_kept_by(request, organisation_id)
    found = FapiaoRequest.objects.filter(invoice__seller=seller).select_related(
        "invoice__wallet__group", "invoice__wallet__organisation", "invoice__wallet__person", "requested_by", "file"
    )
    waiting = found.filter(state=FapiaoState.REQUESTED).order_by("requested_at")
    if request.GET.get("as") == "fapiao.xlsx":
        headers = {"Content-Disposition": f'attachment; filename="fapiao-{timezone.localdate()}.xlsx"'}
        return HttpResponse(services.fapiao_list(waiting[:AT_ONCE]), content_type=XLSX, headers=headers)
    only_waiting = request.GET.get("all") != "1"
    shown = waiting if only_waiting else found.order_by("-requested_at")
    page = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    context = {"seller": seller, "section": "fapiao", "page": page, "only_waiting": only_waiting}
    context["waiting"] = waiting.count()
    return render(request, "billing/fapiao_requests.html", context)


@login_required
@READ_OR_SEND
def number(request: HttpRequest, fapiao_id: UUID) -> HttpResponse:
    """What was asked for, and the number, day and file that came back."""
    found = _request_seen_by(request, fapiao_id)
    keeps = may_receive(request.user, found.invoice.seller)
    form = FapiaoNumberForm(request.POST or None, request.FILES or None, initial={"issued_on": timezone.localdate()})
    if request.method == "POST" and saved(form, lambda: _entered(request, found, dict(form.cleaned_data))):
        messages.success(request, _("Entered; who asked for it was told."))
        return redirect("fapiao_requests", found.invoice.seller_id)
    context = {
        "asked": found, "invoice": found.invoice, "seller": found.invoice.seller, "section": "fapiao", "keeps": keeps,
        "form": form if keeps and found.state == FapiaoState.REQUESTED else None,
    }  # fmt: skip
    return render(request, "billing/fapiao.html", context, status=400 if form.errors else 200)


def _entered(request: HttpRequest, found: FapiaoRequest, given: dict[str, Any]) -> FapiaoRequest:
    if not may_receive(request.user, found.invoice.seller):
        raise NotAllowed(_("Only the seller's finance officers may do this."))
    upload = given.pop("file")
    kept = services.keep_paper_of(upload, by=request.user, field="file") if upload else None
    return services.enter_fapiao(found, by=request.user, file=kept, **given)


@login_required
@require_POST
@says_why("finance_home")
def void(request: HttpRequest, fapiao_id: UUID) -> HttpResponse:
    """The fapiao was turned red: another may be asked for."""
    found = services.void_fapiao(_request_seen_by(request, fapiao_id), by=request.user)
    messages.success(request, _("The fapiao is void; another may be asked for."))
    return redirect(found.invoice)


@login_required
@require_safe
def file(request: HttpRequest, fapiao_id: UUID) -> HttpResponseBase:
    found = _request_seen_by(request, fapiao_id)
    if found.file is None:
        raise Http404
    return send_file(request, found.file)


def _request_seen_by(request: HttpRequest, fapiao_id: UUID) -> FapiaoRequest:
    visible = FapiaoRequest.objects.visible_to(request.user).select_related("invoice__seller", "file", "requested_by")
    return get_object_or_404(visible, pk=fapiao_id)
