"""Ordering by a published price, and the lists of both sides."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.errors import InFlight, OtherBody
from common.web import READ_OR_SEND, saved
from instruments.models import Facility, Instrument, TestItem
from instruments.rules import questions_of
from orders import services
from orders.forms.ordering import PlaceForm
from orders.models import Enquiry, Order, Request
from orders.states import OPEN_REQUEST, RequestState
from orders.views.finding import record_of
from records.services import Answer, once

ON_A_PAGE = 25


@login_required
@READ_OR_SEND
def place_order(asked: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """Order a test by its published price, paid from the group's wallet; without a price one asks for an offer."""
    thing = record_of(asked, kind, slug)
    price = services.price_for(thing, asked.user, quantity=1, at=timezone.now())
    if price is None or _asks_for_firm(asked):
        return redirect(f"{reverse('new_request')}?{urlencode({kind: slug})}")
    shape: dict[str, Any] = {"questions": questions_of(thing.questions), "groups": services.groups_of(asked.user)}
    if asked.method == "POST":
        form = PlaceForm(asked.POST, **shape)
        if form.is_valid() and (order_id := _placed(asked, thing, form)):
            return redirect("order", order_id)
    else:
        form = PlaceForm(initial={"key": uuid4()}, **shape)
    context = {"form": form, "thing": thing, "price": price, "kind": kind}
    return render(asked, "orders/place_order.html", context, status=400 if form.is_bound else 200)


def _asks_for_firm(asked: HttpRequest) -> bool:
    return bool(services.firms_of(asked.user)) and not services.groups_of(asked.user)


def _placed(asked: HttpRequest, thing: TestItem | Instrument, form: PlaceForm) -> UUID | None:
    """The order, made once however often the button was pressed."""
    given = form.said()
    groups = {each.pk: each for each in services.groups_of(asked.user)}
    given["group"] = groups.get(given.get("group"))
    made: list[UUID] = []

    def act() -> Answer:
        order = services.place_order(thing, by=asked.user, samples=form.sample_names(), **given)
        return Answer(201, {"id": str(order.pk)})

    def write() -> None:
        key = form.cleaned_data["key"]
        answer = once(asked.user.pk, key=f"order {key}", fingerprint=f"{thing._meta.model_name} {thing.pk}", act=act)
        made.append(UUID(answer.body["id"]))

    try:
        return made[0] if saved(form, write) else None
    except (InFlight, OtherBody):
        return None  # the same button twice: the first press does it


@login_required
@require_safe
def my_orders(asked: HttpRequest) -> HttpResponse:
    """What one asked for and ordered: what waits for oneself first."""
    past = asked.GET.get("show") == "past"
    requests = Request.objects.of(asked.user).with_everything()
    orders = Order.objects.of(asked.user).with_everything().order_by("-created_at")
    open_ones = requests.filter(state__in=[RequestState.DRAFT, *OPEN_REQUEST]).order_by("-created_at")
    waiting = set(Request.objects.of(asked.user).waiting_for_customer().values_list("pk", flat=True))
    page = Paginator((orders.over() if past else orders.under_way()), ON_A_PAGE).get_page(asked.GET.get("page"))
    context = {
        "past": past,
        "requests": [] if past else [(each, each.pk in waiting) for each in open_ones[:50]],
        "gone": requests.filter(state=RequestState.WITHDRAWN).order_by("-created_at")[:20] if past else [],
        "orders": page,
        "page": page,
    }
    return render(asked, "orders/my_orders.html", context)


@login_required
@require_safe
def lab_orders(asked: HttpRequest) -> HttpResponse:
    """What was put to one's laboratories: what needs one's word first, then what is under way."""
    roles = asked.user.facility_roles.standing(timezone.localdate()).values("facility")
    facilities = Facility.objects.filter(pk__in=roles).select_related("organisation").order_by("name_zh")
    past = asked.GET.get("show") == "past"
    mine = Order.objects.run_by(asked.user).with_everything()
    enquiries = Enquiry.objects.run_by(asked.user).select_related(
        "request__asked_by", "request__organisation", "facility"
    )
    page = Paginator(mine.over().order_by("-created_at"), ON_A_PAGE).get_page(asked.GET.get("page"))
    context = {
        "facilities": facilities,
        "past": past,
        "asked_for": enquiries.needing_answer(),
        "answered": enquiries.exclude(state="waiting")
        .filter(request__state__in=OPEN_REQUEST)
        .order_by("-answered_at")[:30],
        "needing": mine.needing_lab(),
        "rest": mine.under_way().needing_customer().order_by("results_by"),
        "orders": page,
        "page": page,
        "today": timezone.localdate(),
    }
    return render(asked, "orders/lab_orders.html", context)
