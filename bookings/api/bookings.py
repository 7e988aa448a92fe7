"""REST: `bookings/` and one booking."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from bookings import services
from bookings.api.asking import IF_MATCH, body_about, booking_of, instrument_of, interval_of
from bookings.api.shapes import BookingSerializer, MoveSerializer, NewBookingSerializer, OneBookingSerializer
from bookings.filters import BookingFilter
from bookings.models import Booking
from common.api import CursorPages, body_of
from common.etags import answer_with_etag, etag_of, refuse_unless_matched
from common.rows import columns_of
from records.api import KEY, KEY_REQUIRED, answered
from records.services import Answer

SAID = ["purpose", "title", "answers", "group", "flexible_minutes", "assisted", "operator", "external_ref"]
SAID += ["payer", "fund_code"]


def said_in(given: dict[str, Any]) -> dict[str, Any]:
    """What the requester says beside the time, as far as it was sent."""
    return {name: given[name] for name in SAID if name in given}


class Bookings(ListAPIView[Booking]):
    """Bookings that the caller may see; POST asks for one, or holds it for ten minutes as a draft."""

    scope = Scope.BOOK
    serializer_class = BookingSerializer
    pagination_class = CursorPages
    queryset = Booking.objects.all()
    filterset_class = BookingFilter

    def get_queryset(self) -> QuerySet[Booking]:
        if getattr(self, "swagger_fake_view", False):
            return Booking.objects.none()
        rows: Any = Booking.objects.visible_to(self.request.user).values(*columns_of(BookingSerializer))
        return rows  # type: ignore[no-any-return]

    def filter_queryset(self, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return BookingFilter.of(self.request.query_params, queryset, user=self.request.user)

    @extend_schema(request=NewBookingSerializer, responses={201: BookingSerializer}, parameters=[KEY_REQUIRED])
    def post(self, request: Request) -> Response:
        given = body_of(NewBookingSerializer, request)
        interval = interval_of(given["start"], given["end"])

        def act() -> Answer:
            other = None
            if "on_behalf_of" in given:
                on = instrument_of(request, given["instrument"])
                other = services.somebody_to_book_for(given["on_behalf_of"], by=request.user, instrument=on)
            booking = services.book(
                given["instrument"],
                by=request.user,
                interval=interval,
                on_behalf_of=other,
                draft=given["draft"],
                overrule_because=given["overrule_because"],
                **said_in(given),
            )
            return Answer(status.HTTP_201_CREATED, dict(BookingSerializer(booking).data))

        return answered(request, act, required=True)


class OneBooking(APIView):
    """One booking that the caller may see; PATCH moves, extends or shortens it."""

    scope = Scope.BOOK

    @extend_schema(responses=OneBookingSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        booking = booking_of(request, booking_id)
        return answer_with_etag(request, body_about(booking), etag_of(booking.version))

    @extend_schema(request=MoveSerializer, responses=OneBookingSerializer, parameters=[IF_MATCH, KEY])
    def patch(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(MoveSerializer, request)

        def act() -> Answer:
            booking = booking_of(request, booking_id)
            refuse_unless_matched(request, etag_of(booking.version))
            interval = interval_of(given.get("start", booking.starts_at), given.get("end", booking.ends_at))
            words = {name: given[name] for name in ("note", "overrule_because")}
            version = None if request.headers["If-Match"].strip() == "*" else booking.version
            moved = services.move(booking, by=request.user, interval=interval, version=version, **words)
            return Answer(status.HTTP_200_OK, body_about(moved))

        return answered(request, act)
