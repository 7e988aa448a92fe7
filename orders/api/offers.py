"""REST: `offers/`, made by laboratories, accepted by customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from common.api import CursorPages, body_of
from orders import services
from orders.api import shapes
from orders.api.asking import offer_of, order_of, told
from orders.models import Enquiry, Offer
from orders.rules import lines_from
from records.api import KEY_REQUIRED, answered
from records.services import Answer

OF_REQUEST = OpenApiParameter("request", str, description="the id of a request")


class Offers(ListAPIView[Offer]):
    """Offers that the caller may see; POST makes one for a laboratory that was asked, and replaces its last one."""

    scope = Scope.ORDERS
    serializer_class = shapes.OfferSerializer
    pagination_class = CursorPages
    queryset = Offer.objects.none()

    def get_queryset(self) -> QuerySet[Offer]:
        if getattr(self, "swagger_fake_view", False):
            return Offer.objects.none()
        found = Offer.objects.visible_to(self.request.user).with_everything()
        try:
            wanted = UUID(self.request.query_params.get("request", ""))
        except ValueError:
            return found
        return found.filter(request=wanted)

    @extend_schema(parameters=[OF_REQUEST])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=shapes.NewOfferSerializer, responses={201: shapes.OfferSerializer}, parameters=[KEY_REQUIRED]
    )
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewOfferSerializer, request)

        def act() -> Answer:
            enquiries = Enquiry.objects.run_by(request.user).select_related("request", "facility")
            enquiry = get_object_or_404(enquiries, pk=given["enquiry"])
            said = shapes.plain(given, "enquiry", "lines")
            offer = services.make_offer(enquiry, by=request.user, lines=lines_from(given["lines"]), **said)
            return told(shapes.OfferSerializer, offer_of(request, offer.pk), status.HTTP_201_CREATED)

        return answered(request, act, required=True)


class OneOffer(APIView):
    scope = Scope.ORDERS

    @extend_schema(responses=shapes.OfferSerializer)
    def get(self, request: Request, offer_id: UUID) -> Response:
        return Response(shapes.OfferSerializer(offer_of(request, offer_id)).data)


class AcceptOffer(APIView):
    """Say yes to one offer: the answer is the order. Of two at once one wins."""

    scope = Scope.ORDERS

    @extend_schema(
        request=shapes.AcceptanceSerializer, responses={201: shapes.OneOrderSerializer}, parameters=[KEY_REQUIRED]
    )
    def post(self, request: Request, offer_id: UUID) -> Response:
        given = body_of(shapes.AcceptanceSerializer, request)

        def act() -> Answer:
            order = services.accept(offer_of(request, offer_id), by=request.user, **given)
            return told(shapes.OneOrderSerializer, order_of(request, order.pk), status.HTTP_201_CREATED)

        return answered(request, act, required=True)
