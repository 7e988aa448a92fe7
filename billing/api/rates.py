"""REST: what an instrument costs, for everybody to read; published by its laboratory."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from billing import services
from billing.api.shapes import NewRateSerializer, RateSerializer, RatesSerializer
from billing.models import Rate
from common.api import body_of
from instruments.models import Instrument, TestItem
from records.api import KEY, answered
from records.services import Answer


class _Rates(APIView):
    """What a thing costs each customer category; POST announces a rate, which is never changed later; public."""

    public = True
    scope = Scope.MANAGE

    def thing(self, request: Request, slug: str) -> Instrument | TestItem:
        raise NotImplementedError

    @extend_schema(responses=RatesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        thing, day = self.thing(request, slug), timezone.localdate()
        found = {
            "vat_rate": services.vat_of(thing.facility.organisation, day=day),
            "standing": services.rates_of(thing, day=day),
            "coming": services.coming_rates(thing, day=day),
        }
        return Response(RatesSerializer(found).data)

    @extend_schema(request=NewRateSerializer, responses={201: RateSerializer}, parameters=[KEY])
    def post(self, request: Request, slug: str) -> Response:
        given = body_of(NewRateSerializer, request)
        thing = self.thing(request, slug)

        def act() -> Answer:
            rate = services.set_rate(thing, by=request.user, **given)
            return Answer(status.HTTP_201_CREATED, dict(RateSerializer(rate).data))

        return answered(request, act)


class RatesOfInstrument(_Rates):
    """What an instrument costs each customer category; POST announces a rate, which is never changed later; public."""

    def thing(self, request: Request, slug: str) -> Instrument | TestItem:
        return _instrument_of(request, slug)


class RatesOfTestItem(_Rates):
    """What a test costs each customer category; POST announces a rate, which is never changed later; public."""

    def thing(self, request: Request, slug: str) -> Instrument | TestItem:
        visible = TestItem.objects.visible_to(request.user).select_related("facility__organisation")
        return get_object_or_404(visible, slug=slug)


class OneRate(APIView):
    """DELETE withdraws a rate that no price was made with."""

    scope = Scope.MANAGE

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, rate_id: int) -> Response:
        instrument = _instrument_of(request, slug)
        services.withdraw_rate(get_object_or_404(Rate, pk=rate_id, instrument=instrument), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _instrument_of(request: Request, slug: str) -> Instrument:
    visible = Instrument.objects.visible_to(request.user).select_related("facility__organisation")
    return get_object_or_404(visible, slug=slug)
