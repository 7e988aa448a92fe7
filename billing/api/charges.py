"""REST: charges, and what is said against them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from billing import services
from billing.api.shapes import ChargeReasonSerializer, ChargeSerializer, DecisionSerializer
from billing.api.wallets import ByMade
from billing.filters import ChargeFilter
from billing.models import Charge
from common.api import body_of
from records.api import KEY, answered
from records.services import Answer


class Charges(ListAPIView[Charge]):
    """What the caller spent, what their wallets pay, and what the institution sold whose money they look after."""

    scope = Scope.READ
    serializer_class = ChargeSerializer
    pagination_class = ByMade
    queryset = Charge.objects.none()
    filterset_class = ChargeFilter

    def get_queryset(self) -> QuerySet[Charge]:
        if getattr(self, "swagger_fake_view", False):
            return Charge.objects.none()
        return Charge.objects.visible_to(self.request.user).with_everything()


class OneCharge(APIView):
    scope = Scope.READ

    @extend_schema(responses=ChargeSerializer)
    def get(self, request: Request, charge_id: UUID) -> Response:
        return Response(ChargeSerializer(_charge_of(request, charge_id)).data)


class ChargeObjections(APIView):
    """The payer objects within ten working days and says why; it holds that charge only."""

    scope = Scope.BOOK

    @extend_schema(request=ChargeReasonSerializer, responses=ChargeSerializer, parameters=[KEY])
    def post(self, request: Request, charge_id: UUID) -> Response:
        given = body_of(ChargeReasonSerializer, request)

        def act() -> Answer:
            services.object_to(_charge_of(request, charge_id), by=request.user, **given)
            return _answer(request, charge_id)

        return answered(request, act)


class DecideObjection(APIView):
    """The seller's finance decides what is said against a charge; upheld gives money back."""

    scope = Scope.MANAGE

    @extend_schema(request=DecisionSerializer, responses=ChargeSerializer, parameters=[KEY])
    def post(self, request: Request, charge_id: UUID) -> Response:
        given = body_of(DecisionSerializer, request)

        def act() -> Answer:
            services.decide_objection(
                _charge_of(request, charge_id), by=request.user, upheld=given["upheld"], answer=given["answer"],
                refund_of=given.get("refund"),
            )  # fmt: skip
            return _answer(request, charge_id)

        return answered(request, act)


def _charge_of(request: Request, charge_id: UUID) -> Charge:
    return get_object_or_404(Charge.objects.visible_to(request.user).with_everything(), pk=charge_id)


def _answer(request: Request, charge_id: UUID) -> Answer:
    return Answer(status.HTTP_200_OK, dict(ChargeSerializer(_charge_of(request, charge_id)).data))
