"""REST: what a wish would cost, before anything is asked for."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from billing.formats import PriceSerializer
from bookings import services
from bookings.api.asking import instrument_of, interval_of
from common.api import AwareDateTimeField, StrictSerializer, body_of
from instruments.models import Instrument


class QuoteAskedSerializer(StrictSerializer):
    instrument = serializers.SlugField(max_length=50)
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    payer = serializers.UUIDField(required=False, help_text="a wallet of theirs; else their group's, firm's or own")
    fund_code = serializers.UUIDField(required=False)
    group = serializers.UUIDField(required=False)
    assisted = serializers.BooleanField(required=False)


class AgainstSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class QuoteSerializer(serializers.Serializer[Any]):
    price = PriceSerializer(allow_null=True, help_text="null: not priced, so free of charge")
    payer = serializers.UUIDField(allow_null=True)
    payer_name = serializers.CharField(allow_null=True)
    objections = AgainstSerializer(many=True, help_text="what stands against the booking at this moment")


class Quotes(APIView):
    """The price explanation for an instrument, a time and a payer, as the caller would book it; nothing is held."""

    scope = Scope.READ

    @extend_schema(request=QuoteAskedSerializer, responses=QuoteSerializer)
    def post(self, request: Request) -> Response:
        given = body_of(QuoteAskedSerializer, request)
        seen = instrument_of(request, given.pop("instrument"))
        instrument = services.with_terms(Instrument.objects.filter(pk=seen.pk)).get()
        interval = interval_of(given.pop("start"), given.pop("end"))
        foreseen = services.foresee(instrument, by=request.user, interval=interval, **given)
        return Response(
            {
                "price": PriceSerializer(foreseen.price.as_json()).data if foreseen.price else None,
                "payer": str(foreseen.payer.pk) if foreseen.payer else None,
                "payer_name": foreseen.payer.name if foreseen.payer else None,
                "objections": [{"code": each.code, "detail": str(each.detail)} for each in foreseen.refusals],
            }
        )
