"""Finding what an address names, as far as the reader may see it; doing what one of a page's buttons says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.http.request import QueryDict
from django.shortcuts import get_object_or_404

from instruments.models import Instrument, TestItem
from orders.models import Enquiry, Offer, Order, Request, Sample

Act = tuple[Callable[..., Any], Any]


def request_of(asked: HttpRequest, request_id: UUID) -> Request:
    return get_object_or_404(Request.objects.visible_to(asked.user).with_everything(), pk=request_id)


def order_of(asked: HttpRequest, order_id: UUID) -> Order:
    return get_object_or_404(Order.objects.visible_to(asked.user).with_everything(), pk=order_id)


def offer_of(asked: HttpRequest, offer_id: UUID) -> Offer:
    return get_object_or_404(Offer.objects.visible_to(asked.user).with_everything(), pk=offer_id)


def enquiry_of(request: Request, given: QueryDict) -> Enquiry:
    """The laboratory that the form names, of those that were asked; the service judges whose word it is."""
    enquiries = Enquiry.objects.filter(request=request).select_related("request", "facility__organisation")
    return get_object_or_404(enquiries, pk=named(given, "enquiry"))


def sample_of(order: Order, given: QueryDict) -> Sample:
    return get_object_or_404(Sample.objects.select_related("order"), order=order, pk=named(given, "sample"))


def named(given: Mapping[str, Any], name: str) -> UUID:
    """The id in a field; 404 for what is none."""
    try:
        return UUID(given.get(name, ""))
    except ValueError:
        raise Http404 from None


def record_of(asked: HttpRequest, kind: str, slug: str) -> TestItem | Instrument:
    """The test, or the instrument that takes samples, that is to be ordered."""
    if kind == "item":
        items = TestItem.objects.visible_to(asked.user).select_related("facility__organisation")
        return get_object_or_404(items, slug=slug)
    instruments = Instrument.objects.visible_to(asked.user).filter(takes_samples=True)
    return get_object_or_404(instruments.select_related("facility__organisation"), slug=slug)
