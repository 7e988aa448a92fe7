"""REST: payments, and fapiao."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from billing import services
from billing.api import shapes_of_invoices as shapes
from billing.api.invoices import seller_of
from billing.api.wallets import ByMade
from billing.filters import PaymentFilter
from billing.models import FapiaoRequest, Invoice, Payment
from common.api import CursorPages, body_of, key_of
from common.errors import WrongInput
from records.api import KEY, answered
from records.services import Answer


class ByRequest(CursorPages):
    ordering = ("-requested_at", "-id")


class Payments(ListAPIView[Payment]):
    """What came in at the caller's institution, and what the caller paid; POST enters a receipt (key required)."""

    scope = Scope.BILLING
    serializer_class = shapes.PaymentSerializer
    pagination_class = ByMade
    queryset = Payment.objects.none()
    filterset_class = PaymentFilter

    def get_queryset(self) -> QuerySet[Payment]:
        if getattr(self, "swagger_fake_view", False):
            return Payment.objects.none()
        return Payment.objects.visible_to(self.request.user)

    @extend_schema(request=shapes.NewPaymentSerializer, responses={201: shapes.PaymentSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        key_of(request, required=True)
        given = body_of(shapes.NewPaymentSerializer, request)
        seller, wanted = seller_of(request, given.pop("seller")), given.pop("invoice", None)
        invoice = _named(request, wanted, seller_id=seller.pk) if wanted else None

        def act() -> Answer:
            payment = services.record_payment(seller, by=request.user, invoice=invoice, **given)
            return Answer(status.HTTP_201_CREATED, dict(shapes.PaymentSerializer(payment).data))

        return answered(request, act)


class MatchPayment(APIView):
    """Say which invoice an unclaimed receipt was for."""

    scope = Scope.BILLING

    @extend_schema(request=shapes.MatchSerializer, responses=shapes.PaymentSerializer, parameters=[KEY])
    def post(self, request: Request, payment_id: UUID) -> Response:
        given = body_of(shapes.MatchSerializer, request)
        found = get_object_or_404(Payment.objects.visible_to(request.user), pk=payment_id)
        invoice = _named(request, given["invoice"], seller_id=found.seller_id)

        def act() -> Answer:
            payment = services.match_payment(found, invoice=invoice, by=request.user)
            return Answer(status.HTTP_200_OK, dict(shapes.PaymentSerializer(payment).data))

        return answered(request, act)


class FapiaoRequests(ListAPIView[FapiaoRequest]):
    """Fapiao asked for, by the caller's side or of their institution; POST asks for one."""

    scope = Scope.BILLING
    serializer_class = shapes.FapiaoSerializer
    pagination_class = ByRequest
    queryset = FapiaoRequest.objects.none()

    def get_queryset(self) -> QuerySet[FapiaoRequest]:
        if getattr(self, "swagger_fake_view", False):
            return FapiaoRequest.objects.none()
        return FapiaoRequest.objects.visible_to(self.request.user)

    @extend_schema(request=shapes.NewFapiaoSerializer, responses={201: shapes.FapiaoSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewFapiaoSerializer, request)
        invoice = _named(request, given.pop("invoice"))

        def act() -> Answer:
            asked = services.request_fapiao(invoice, by=request.user, **given)
            return Answer(status.HTTP_201_CREATED, dict(shapes.FapiaoSerializer(asked).data))

        return answered(request, act)


class EnterFapiao(APIView):
    """The number and day that the tax system gave. A number counts once."""

    scope = Scope.BILLING

    @extend_schema(request=shapes.FapiaoNumberSerializer, responses=shapes.FapiaoSerializer, parameters=[KEY])
    def post(self, request: Request, fapiao_id: UUID) -> Response:
        given = body_of(shapes.FapiaoNumberSerializer, request)
        found = get_object_or_404(FapiaoRequest.objects.visible_to(request.user), pk=fapiao_id)

        def act() -> Answer:
            entered = services.enter_fapiao(found, by=request.user, **given)
            return Answer(status.HTTP_200_OK, dict(shapes.FapiaoSerializer(entered).data))

        return answered(request, act)


def _named(request: Request, invoice_id: UUID, *, seller_id: UUID | None = None) -> Invoice:
    """An invoice that is named in a body."""
    visible = Invoice.objects.visible_to(request.user).with_everything()
    found = visible.filter(pk=invoice_id).first()
    if found is None or (seller_id and found.seller_id != seller_id):
        raise WrongInput("invoice", "invalid", _("There is no such invoice that you can see."))
    return found
