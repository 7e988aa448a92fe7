"""REST: wallets with what members may spend, project numbers, schemes."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import Organisation, ResearchGroup
from accounts.services import person_at
from accounts.states import Scope
from billing import services
from billing.api.shapes import (
    FundCodeSerializer,
    LimitSerializer,
    NewFundCodeSerializer,
    NewLimitSerializer,
    SchemeSerializer,
    WalletSerializer,
)
from billing.models import FundCode, Scheme, Wallet
from common.api import CursorPages, body_of
from common.errors import WrongInput
from records.api import KEY, answered
from records.services import Answer


class ByMade(CursorPages):
    ordering = ("-made_at", "-id")


class Wallets(ListAPIView[Wallet]):
    """The wallets that the caller pays with or looks after."""

    scope = Scope.READ
    serializer_class = WalletSerializer
    pagination_class = CursorPages
    queryset = Wallet.objects.none()

    def get_queryset(self) -> QuerySet[Wallet]:
        if getattr(self, "swagger_fake_view", False):
            return Wallet.objects.none()
        return Wallet.objects.visible_to(self.request.user).with_owners()


class OneWallet(APIView):
    scope = Scope.READ

    @extend_schema(responses=WalletSerializer)
    def get(self, request: Request, wallet_id: UUID) -> Response:
        return Response(WalletSerializer(_wallet_of(request, wallet_id)).data)


class Limits(APIView):
    """How much members may spend; POST sets one member's, or takes it away."""

    scope = Scope.MANAGE

    @extend_schema(responses=LimitSerializer(many=True))
    def get(self, request: Request, wallet_id: UUID) -> Response:
        wallet = get_object_or_404(Wallet.objects.managed_by(request.user), pk=wallet_id)
        return Response(LimitSerializer(wallet.limits.select_related("member").order_by("pk"), many=True).data)

    @extend_schema(request=NewLimitSerializer, responses={200: LimitSerializer(many=True)}, parameters=[KEY])
    def post(self, request: Request, wallet_id: UUID) -> Response:
        given, wallet = body_of(NewLimitSerializer, request), _wallet_of(request, wallet_id)
        member = person_at(given["member"])
        if member is None:
            raise WrongInput("member", "invalid", _("This person does not pay with this wallet."))

        def act() -> Answer:
            services.set_limit(wallet, member=member, amount=given["amount"], period=given["period"], by=request.user)
            found = wallet.limits.select_related("member").order_by("pk")
            return Answer(status.HTTP_200_OK, list(LimitSerializer(found, many=True).data))

        return answered(request, act)


class FundCodes(ListAPIView[FundCode]):
    """Project numbers that the caller may choose or looks after; POST enters one of their own."""

    scope = Scope.BOOK
    serializer_class = FundCodeSerializer
    pagination_class = ByMade
    queryset = FundCode.objects.none()

    def get_queryset(self) -> QuerySet[FundCode]:
        if getattr(self, "swagger_fake_view", False):
            return FundCode.objects.none()
        return FundCode.objects.visible_to(self.request.user).select_related("institution", "holder")

    @extend_schema(request=NewFundCodeSerializer, responses={201: FundCodeSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(NewFundCodeSerializer, request)
        institution = Organisation.objects.filter(pk=given.pop("institution")).first()
        if institution is None:
            raise WrongInput("institution", "invalid", _("There is nothing here that you can see."))
        if "group" in given:
            given["group"] = ResearchGroup.objects.filter(pk=given["group"], pi=request.user).first()

        def act() -> Answer:
            made = services.enter_fund_code(institution, holder=request.user, by=request.user, **given)
            return Answer(status.HTTP_201_CREATED, dict(FundCodeSerializer(made).data))

        return answered(request, act)


class Schemes(ListAPIView[Scheme]):
    """The subsidies that run, for everybody to read: whom and what they are for, and how much is left."""

    scope = Scope.READ
    public = True
    serializer_class = SchemeSerializer
    pagination_class = ByMade
    queryset = Scheme.objects.none()

    def get_queryset(self) -> QuerySet[Scheme]:
        return Scheme.objects.running(timezone.localdate()).select_related("fund")


def _wallet_of(request: Request, wallet_id: UUID) -> Wallet:
    return get_object_or_404(Wallet.objects.visible_to(request.user).with_owners(), pk=wallet_id)
