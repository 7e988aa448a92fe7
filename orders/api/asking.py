"""What the endpoints of this room share: finding what is asked for, answering once for each key."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from accounts.models import Organisation, ResearchGroup
from common.errors import WrongInput
from orders import services
from orders.models import Offer, Order
from orders.models import Request as Asked
from records.services import Answer


def told(shape: type[serializers.Serializer[Any]], thing: Any, code: int) -> Answer:
    """A thing as an answer."""
    return Answer(code, dict(shape(thing).data))


def request_of(request: Request, request_id: UUID) -> Asked:
    visible = Asked.objects.visible_to(request.user).with_everything()
    return get_object_or_404(visible.prefetch_related("enquiries__facility"), pk=request_id)


def offer_of(request: Request, offer_id: UUID) -> Offer:
    return get_object_or_404(Offer.objects.visible_to(request.user).with_everything(), pk=offer_id)


def order_of(request: Request, order_id: UUID) -> Order:
    visible = Order.objects.visible_to(request.user).with_everything()
    return get_object_or_404(visible.prefetch_related("samples"), pk=order_id)


def group_of(request: Request, pk: UUID | None) -> ResearchGroup | None:
    """A research group of the caller's; a 400 for another one."""
    if pk is None:
        return None
    for each in services.groups_of(request.user):
        if each.pk == pk:
            return each
    raise WrongInput("group", "invalid", _("This is no research group of yours."))


def firm_of(request: Request, pk: UUID | None) -> Organisation | None:
    """A firm of the caller's; a 400 for another one."""
    if pk is None:
        return None
    for each in services.firms_of(request.user):
        if each.pk == pk:
            return each
    raise WrongInput("organisation", "invalid", _("You do not belong to this firm."))
