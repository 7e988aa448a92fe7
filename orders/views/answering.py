"""Buttons of a request's page, and the form of an offer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from common.errors import NotAllowed
from common.web import READ_OR_SEND, came_from, says_why, taken
from instruments.models import Accreditation
from orders import services
from orders.forms.offering import LineRows, OfferForm
from orders.models import Enquiry, Offer, Request
from orders.permissions import may_offer
from orders.rules import lines_from
from orders.states import OPEN_REQUEST
from orders.views.finding import enquiry_of, offer_of, request_of

REQUEST_ACTS: dict[str, tuple[Callable[[HttpRequest, Request], Any], str | Promise]] = {
    "withdraw": (
        lambda asked, request: services.withdraw(request, by=asked.user, reason=asked.POST.get("reason", "")),
        gettext_lazy("Withdrawn. Nobody need answer any more."),
    ),
    "answer": (
        lambda asked, request: services.answer(
            enquiry_of(request, asked.POST), by=asked.user, text=asked.POST.get("text", "")
        ),
        gettext_lazy("Answered. The laboratory goes on."),
    ),
    "ask": (
        lambda asked, request: services.ask_customer(
            enquiry_of(request, asked.POST), by=asked.user, question=asked.POST.get("question", "")
        ),
        gettext_lazy("Asked. The request comes back with the answer."),
    ),
    "cannot": (
        lambda asked, request: services.cannot(
            enquiry_of(request, asked.POST), by=asked.user, reason=asked.POST.get("reason", "")
        ),
        gettext_lazy("Said so, with the reason."),
    ),
    "say": (
        lambda asked, request: services.write_about_request(request, by=asked.user, text=asked.POST.get("text", "")),
        gettext_lazy("Sent."),
    ),
}


@login_required
@require_POST
@says_why("my_orders")
def request_act(asked: HttpRequest, request_id: UUID) -> HttpResponse:
    """Press one button of a request's page."""
    request = request_of(asked, request_id)
    if (found := REQUEST_ACTS.get(asked.POST.get("do", ""))) is None:
        raise Http404
    done, said = found
    done(asked, request)
    messages.success(asked, str(said))
    return redirect(came_from(asked) or request)


@login_required
@READ_OR_SEND
def make_offer(asked: HttpRequest, enquiry_id: UUID) -> HttpResponse:
    """What the laboratory would do for how much: filled in from its last offer, where there is one."""
    enquiries = Enquiry.objects.run_by(asked.user).select_related("facility__organisation")
    enquiry = get_object_or_404(enquiries, pk=enquiry_id)
    enquiry.request = Request.objects.with_everything().get(pk=enquiry.request_id)
    if not may_offer(asked.user, enquiry.facility):
        raise NotAllowed(_("Only a lab admin of the laboratory that was asked answers for it."))
    if enquiry.request.state not in OPEN_REQUEST:
        return redirect(enquiry.request)
    if asked.method == "POST":
        form, rows = OfferForm(asked.POST), LineRows(asked.POST, prefix="line")
        if rows.is_valid() and form.is_valid() and (offer := _made(asked, enquiry, form, rows)):
            messages.success(asked, _("Offered, for 30 days. The customer is told."))
            return redirect(offer)
    else:
        first, lines = _first_values(enquiry)
        form, rows = OfferForm(initial=first), LineRows(prefix="line", initial=lines)
    context = {"enquiry": enquiry, "request_": enquiry.request, "form": form, "rows": rows}
    return render(asked, "orders/make_offer.html", context, status=400 if form.is_bound else 200)


def _made(asked: HttpRequest, enquiry: Enquiry, form: OfferForm, rows: Any) -> Offer | None:
    lines = [row.cleaned_data for row in rows if not row.is_empty()]
    for each in lines:
        each["quantity"] = each.get("quantity") if each.get("quantity") is not None else 1
        each["unit_price"] = each.get("unit_price") if each.get("unit_price") is not None else ""
    return taken(form, lambda: services.make_offer(enquiry, by=asked.user, lines=lines_from(lines), **form.said()))


def _first_values(enquiry: Enquiry) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The last offer again; else what the test item says of standard and accreditation."""
    last = enquiry.offers.order_by("-number").first()
    if last:
        names = ("results_by", "standard", "accreditation", "leaves_out", "pay_when", "note")
        lines = [
            {name: each[name] for name in ("name_zh", "quantity", "unit", "unit_price")} for each in last.price["lines"]
        ]
        return {name: getattr(last, name) for name in names}, lines
    item = enquiry.request.test_item
    if item is None or item.facility_id != enquiry.facility_id:
        return {}, []
    seals = Accreditation.objects.filter(test_item=item)
    first = {"standard": ", ".join(item.standards), "accreditation": ", ".join(str(each) for each in seals)}
    return first, [{"name_zh": item.name_zh, "quantity": enquiry.request.sample_count or 1}]


@login_required
@require_POST
@says_why("my_orders")
def offer_act(asked: HttpRequest, offer_id: UUID) -> HttpResponse:
    """Accept an offer, or take one's own back."""
    offer = offer_of(asked, offer_id)
    did = asked.POST.get("do", "")
    if did == "accept":
        order = services.accept(offer, by=asked.user, at_full_price=asked.POST.get("at_full_price") == "yes")
        messages.success(asked, _("Accepted. The agreement is kept; the laboratory schedules the work."))
        return redirect(order)
    if did == "take_back":
        services.take_back(offer, by=asked.user)
        messages.success(asked, _("Taken back. You may make another one."))
        return redirect(offer)
    raise Http404
