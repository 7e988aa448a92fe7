"""REST: `orders/`, `samples/`, `results/`."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from common.api import CursorPages, body_of
from common.errors import WrongInput
from common.etags import answer_with_etag, etag_of
from common.sending import send_file
from instruments.models import Instrument, TestItem
from orders import services
from orders.api import shapes
from orders.api.asking import group_of, order_of, told
from orders.models import Order, Result, Sample
from orders.states import OrderState
from records.api import KEY, KEY_REQUIRED, answered
from records.services import Answer

STATE = OpenApiParameter("state", str, enum=OrderState.values)
NEEDS_ME = OpenApiParameter("needs_me", bool, description="those of the caller's laboratories that wait for their word")
OF_ORDER = OpenApiParameter("order", str, description="the id of an order")


class Orders(ListAPIView[Order]):
    """Orders that the caller may see; POST orders a test by its published price."""

    scope = Scope.ORDERS
    serializer_class = shapes.OrderSerializer
    pagination_class = CursorPages
    queryset = Order.objects.none()

    def get_queryset(self) -> QuerySet[Order]:
        if getattr(self, "swagger_fake_view", False):
            return Order.objects.none()
        asked = self.request.query_params
        found = Order.objects.visible_to(self.request.user).with_everything()
        if asked.get("needs_me") == "true":
            found = Order.objects.run_by(self.request.user).needing_lab().with_everything().order_by()
        return found.filter(state=asked["state"]) if asked.get("state") in OrderState.values else found

    @extend_schema(parameters=[STATE, NEEDS_ME])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=shapes.NewOrderSerializer, responses={201: shapes.OneOrderSerializer}, parameters=[KEY_REQUIRED]
    )
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewOrderSerializer, request)
        if ("test_item" in given) == ("instrument" in given):
            raise WrongInput("test_item", "required", _("Name a test item or an instrument, one of them."))

        def act() -> Answer:
            said = shapes.plain(given, "test_item", "instrument", "group")
            group = group_of(request, given.get("group"))
            order = services.place_order(_thing(request, given), by=request.user, group=group, **said)
            return told(shapes.OneOrderSerializer, order_of(request, order.pk), status.HTTP_201_CREATED)

        return answered(request, act, required=True)


def _thing(request: Request, given: dict[str, Any]) -> TestItem | Instrument:
    if "test_item" in given:
        items = TestItem.objects.visible_to(request.user).select_related("facility__organisation")
        return get_object_or_404(items, slug=given["test_item"])
    instruments = Instrument.objects.visible_to(request.user).filter(takes_samples=True)
    return get_object_or_404(instruments.select_related("facility__organisation"), slug=given["instrument"])


class OneOrder(APIView):
    scope = Scope.ORDERS

    @extend_schema(responses=shapes.OneOrderSerializer)
    def get(self, request: Request, order_id: UUID) -> Response:
        order = order_of(request, order_id)
        return answer_with_etag(request, dict(shapes.OneOrderSerializer(order).data), etag_of(order.version))


class OrderMessages(APIView):
    """The thread of an order: what customer and laboratory wrote to each other."""

    scope = Scope.ORDERS

    @extend_schema(responses=shapes.OrderMessageSerializer(many=True))
    def get(self, request: Request, order_id: UUID) -> Response:
        thread = services.thread_of(order_of(request, order_id))
        return Response(shapes.OrderMessageSerializer(thread, many=True).data)

    @extend_schema(
        request=shapes.NewOrderMessageSerializer, responses={201: shapes.OrderMessageSerializer}, parameters=[KEY]
    )
    def post(self, request: Request, order_id: UUID) -> Response:
        text, order = body_of(shapes.NewOrderMessageSerializer, request)["text"], order_of(request, order_id)

        def act() -> Answer:
            message = services.write_about(order, by=request.user, text=text)
            return told(shapes.OrderMessageSerializer, message, status.HTTP_201_CREATED)

        return answered(request, act)


class ByNumber(CursorPages):
    ordering = ("order", "number", "id")


class Samples(ListAPIView[Sample]):
    """Samples of the orders that the caller may see; `orders/{id}/receive/` notes that they came in."""

    scope = Scope.ORDERS
    serializer_class = shapes.SampleSerializer
    pagination_class = ByNumber
    queryset = Sample.objects.none()

    def get_queryset(self) -> QuerySet[Sample]:
        if getattr(self, "swagger_fake_view", False):
            return Sample.objects.none()
        return _of_order(Sample.objects.visible_to(self.request.user), self.request)

    @extend_schema(parameters=[OF_ORDER])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


def _of_order(rows: Any, request: Request) -> Any:
    try:
        return rows.filter(order=UUID(request.query_params.get("order", "")))
    except ValueError:
        return rows


class Results(ListAPIView[Result]):
    """Files with results that the caller may see; POST (multipart) hands one in for an order that is in work."""

    scope = Scope.ORDERS
    serializer_class = shapes.ResultSerializer
    pagination_class = CursorPages
    parser_classes = [MultiPartParser]
    queryset = Result.objects.none()

    def get_queryset(self) -> QuerySet[Result]:
        if getattr(self, "swagger_fake_view", False):
            return Result.objects.none()
        return _of_order(Result.objects.visible_to(self.request.user).select_related("file"), self.request)

    @extend_schema(parameters=[OF_ORDER])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": shapes.NewResultSerializer},
        responses={201: shapes.ResultSerializer},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewResultSerializer, request)
        upload = given["file"]
        digest = hashlib.sha256(upload.read()).hexdigest()
        upload.seek(0)

        def act() -> Answer:
            order = order_of(request, given["order"])
            result = services.add_result(order, by=request.user, file=upload, external_ref=given["external_ref"])
            return told(shapes.ResultSerializer, result, status.HTTP_201_CREATED)

        return answered(request, act, fingerprint=f"result {given['order']} {digest}")


class ResultFile(APIView):
    """The file itself: for the laboratory, and once it is released for whose order it is."""

    scope = Scope.ORDERS

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, result_id: UUID) -> HttpResponseBase:
        visible = Result.objects.visible_to(request.user).select_related("file")
        return send_file(request._request, get_object_or_404(visible, pk=result_id).file)
