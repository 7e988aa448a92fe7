"""Page: one charge with its explanation, what is said against it, and what is decided."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import services
from billing.forms import DecideForm, ObjectForm
from billing.models import Charge, Wallet
from billing.permissions import may_object, may_settle
from billing.pricing import Price
from billing.states import ChargeState
from common.web import READ_OR_SEND, here, saved


@login_required
@READ_OR_SEND
def charge(request: HttpRequest, charge_id: UUID) -> HttpResponse:
    """The explanation and the books of one charge; the payer objects, the seller decides."""
    found = get_object_or_404(Charge.objects.visible_to(request.user).with_everything(), pk=charge_id)
    user, asked = request.user, request.POST.get("do", "")
    object_form, decide_form = ObjectForm(prefix="object"), DecideForm(prefix="decide")
    if asked == "object":
        object_form = ObjectForm(request.POST, prefix="object")
        given = object_form
        if saved(given, lambda: services.object_to(found, by=user, **given.cleaned_data)):
            return here(request, _("Your objection waits for the seller's answer."))
    if asked == "decide":
        decide_form = DecideForm(request.POST, prefix="decide")
        if saved(decide_form, lambda: _decide(found, user, decide_form.cleaned_data)):
            return here(request, _("Decided."))
    in_time = found.state == ChargeState.OPEN and timezone.localdate() <= found.object_until
    context = {
        "charge": found,
        "their_wallet": Wallet.objects.visible_to(user).filter(pk=found.wallet_id).exists(),
        "price": Price.from_json(found.price),
        "objection": getattr(found, "objection", None),
        "object_form": object_form if in_time and may_object(user, found) else None,
        "decide_form": decide_form if found.state == ChargeState.OBJECTED and may_settle(user, found) else None,
        "entries": found.entries.prefetch_related("legs").order_by("made_at"),
    }
    wrong = object_form.errors or decide_form.errors
    return render(request, "billing/charge.html", context, status=400 if wrong else 200)


def _decide(charge: Charge, user: Any, said: dict[str, Any]) -> None:
    services.decide_objection(charge, by=user, upheld=said["upheld"], answer=said["answer"], refund_of=said["refund"])
