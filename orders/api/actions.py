"""REST: one action for each step of an order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from common.api import body_of
from orders import services
from orders.api import shapes
from orders.api.asking import order_of, told
from orders.models import Order
from records.api import KEY, answered


def _acted(request: Request, order_id: UUID, act: Callable[[Order], Any]) -> Response:
    """One act upon an order that the caller may see."""

    def once() -> Any:
        act(order_of(request, order_id))
        return told(shapes.OneOrderSerializer, order_of(request, order_id))

    return answered(request, once)


class ScheduleOrder(APIView):
    """The laboratory takes the order on, and says by when the results will be there."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.ScheduleSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.ScheduleSerializer, request)
        return _acted(request, order_id, lambda order: services.schedule(order, by=request.user, **given))


class ReturnOrder(APIView):
    """The laboratory must know more first."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.OrderQuestionSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.OrderQuestionSerializer, request)
        return _acted(request, order_id, lambda order: services.send_back(order, by=request.user, **given))


class RefuseOrder(APIView):
    """The laboratory cannot do it, and says why."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.OrderReasonSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.OrderReasonSerializer, request)
        return _acted(request, order_id, lambda order: services.refuse_order(order, by=request.user, **given))


class WithdrawOrder(APIView):
    """The customer wants it no more; free of charge until the work begins."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.OrderOptionalReasonSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.OrderOptionalReasonSerializer, request)
        return _acted(request, order_id, lambda order: services.withdraw_order(order, by=request.user, **given))


class ReceiveSamples(APIView):
    """Samples came in, each with its condition."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.ReceiveSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.ReceiveSerializer, request)
        conditions = {each["sample"]: each["condition"] for each in given["samples"]}
        place = given["place"]
        return _acted(
            request,
            order_id,
            lambda order: services.receive(order, by=request.user, conditions=conditions, place=place),
        )


class StartOrder(APIView):
    """The work begins."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.NoBodySerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        body_of(shapes.NoBodySerializer, request)
        return _acted(request, order_id, lambda order: services.start(order, by=request.user))


class ReadyOrder(APIView):
    """The results are handed in."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.OrderNoteSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.OrderNoteSerializer, request)
        return _acted(request, order_id, lambda order: services.ready(order, by=request.user, **given))


class ReleaseOrder(APIView):
    """The customer gets the results; from then on they never change."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.NoBodySerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        body_of(shapes.NoBodySerializer, request)
        return _acted(request, order_id, lambda order: services.release(order, by=request.user))


class ConfirmOrder(APIView):
    """The customer is content; the order is charged."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.NoBodySerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        body_of(shapes.NoBodySerializer, request)
        return _acted(request, order_id, lambda order: services.confirm(order, by=request.user))


class DisputeOrder(APIView):
    """The customer objects to the results."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.OrderReasonSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.OrderReasonSerializer, request)
        return _acted(request, order_id, lambda order: services.dispute(order, by=request.user, **given))


class SettleOrder(APIView):
    """The laboratory answers an objection: `again`, `stands` or `dropped`."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.SettleSerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        given = body_of(shapes.SettleSerializer, request)
        return _acted(request, order_id, lambda order: services.settle(order, by=request.user, **given))


class CloseOrder(APIView):
    """Nothing is left to do."""

    scope = Scope.ORDERS

    @extend_schema(request=shapes.NoBodySerializer, responses=shapes.OneOrderSerializer, parameters=[KEY])
    def post(self, request: Request, order_id: UUID) -> Response:
        body_of(shapes.NoBodySerializer, request)
        return _acted(request, order_id, lambda order: services.close(order, by=request.user))
