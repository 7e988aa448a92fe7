"""REST: how and when time may be booked, what is held, what is free in the whole city."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bookings import services
from bookings.api.asking import FROM_TO, instrument_of, interval_of
from bookings.api.shapes import AvailabilitySerializer, PolicySerializer, WindowSerializer
from bookings.api.shapes_of_work import CalendarSerializer, OpeningsQuerySerializer, OpeningsSerializer
from bookings.rules.in_words import policy_in_words
from bookings.rules.policy import minutes_of
from common.errors import WrongInput
from common.interval import Interval
from common.text import tidy
from instruments.filters import InstrumentFilter
from instruments.models import Instrument

LONGEST_WINDOW = timedelta(days=62)
LONGEST_SEARCH = timedelta(days=14)
SEARCHED_BY = ["q", "category", "organisation", "technique"]


def window_of(request: Request, *names: str, longest: timedelta, shape: type[Any] = WindowSerializer) -> dict[str, Any]:
    """`from`, `to` and the other named parameters of an address, as an interval under `window` and the rest."""
    given = shape(data={name: request.GET[name] for name in ("from", "to", *names) if name in request.GET})
    given.is_valid(raise_exception=True)
    window = interval_of(given.validated_data["from"], given.validated_data["to"], field="to")
    if window.length > longest:
        raise WrongInput("to", "too_far", _("Ask for at most %(days)s days at once.") % {"days": longest.days})
    return {**given.validated_data, "window": window}


class Availability(APIView):
    """Free and held time of one instrument, without names; public."""

    public = True

    @extend_schema(parameters=FROM_TO, responses=AvailabilitySerializer)
    def get(self, request: Request, slug: str) -> Response:
        window: Interval = window_of(request, longest=LONGEST_WINDOW)["window"]
        free, held = services.free_on(instrument_of(request, slug), window, now=timezone.now())
        return Response(AvailabilitySerializer({"free": free, "held": held}).data)


class PolicyOfInstrument(APIView):
    """How the caller may book time on one instrument, in figures and in words; public."""

    public = True

    @extend_schema(responses=PolicySerializer)
    def get(self, request: Request, slug: str) -> Response:
        visible = services.with_terms(Instrument.objects.visible_to(request.user))
        explained = services.explain_policy(get_object_or_404(visible, slug=slug), request.user, now=timezone.now())
        terms = explained.terms
        body = {
            **minutes_of(terms),
            "time_zone": terms.zone.key,
            "category": explained.category,
            "hours": terms.hours,
            "quotas": explained.quotas,
            "in_words": policy_in_words(terms, quotas=explained.quotas, needs=explained.needs),
            "needs_training": bool(explained.needs),
            "unannounced_years": explained.unannounced_years,
        }
        return Response(PolicySerializer(body).data)


class Openings(APIView):
    """What is free in the whole city, the nearest first; near misses when nothing fits; public."""

    public = True

    @extend_schema(
        parameters=[
            *FROM_TO,
            OpenApiParameter("minutes", int),
            *[OpenApiParameter(name, str) for name in SEARCHED_BY],
        ],
        responses=OpeningsSerializer,
    )
    def get(self, request: Request) -> Response:
        given = window_of(request, "minutes", *SEARCHED_BY, longest=LONGEST_SEARCH, shape=OpeningsQuerySerializer)
        wanted = {name: given[name] for name in SEARCHED_BY if given.get(name)}
        visible = InstrumentFilter.of(wanted, Instrument.objects.visible_to(request.user))
        length = timedelta(minutes=given["minutes"])
        found, near = services.openings(visible, window=given["window"], length=length, now=timezone.now())
        return Response(OpeningsSerializer({"results": found, "near_misses": near}).data)


class Calendar(APIView):
    """What is held on some instruments, with names where the caller may see them; a constant number of statements."""

    public = True

    @extend_schema(
        parameters=[*FROM_TO, OpenApiParameter("instrument", str, many=True), OpenApiParameter("facility", str)],
        responses=CalendarSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        window: Interval = window_of(request, longest=LONGEST_WINDOW)["window"]
        slugs = [tidy(slug) for slug in request.GET.getlist("instrument")[:200]]
        facility = tidy(request.GET.get("facility", ""))
        if not slugs and not facility:
            raise WrongInput("instrument", "required", _("Name instruments or a facility."))
        events = services.calendar_of(request.user, window=window, slugs=slugs, facility=facility)
        # Serializers double the cost of a hot read; this one goes straight from rows to bytes.
        return HttpResponse(orjson.dumps({"events": events}), content_type="application/json")
