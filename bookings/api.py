"""REST: `bookings/` with its actions, an instrument's `availability/` and `policy/`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from bookings import services
from bookings.filters import BookingFilter
from bookings.models import Booking
from bookings.states import ASKED_FOR, CancelledAs, Purpose, State
from common.api import AwareDateTimeField, CursorPages, StrictSerializer, body_of, fingerprint_of, key_of
from common.errors import WrongInput
from common.interval import Interval
from instruments.models import Instrument
from records.services import Answer, once

LONGEST_WINDOW = timedelta(days=62)
KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description="1 to 200 visible ASCII characters")
KEY_REQUIRED = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True)


class IntervalSerializer(serializers.Serializer[Interval]):
    start = AwareDateTimeField()
    end = AwareDateTimeField()


class AvailabilitySerializer(serializers.Serializer[Any]):
    free = IntervalSerializer(many=True)
    held = IntervalSerializer(many=True)


class WindowSerializer(StrictSerializer):
    """`from` and `to` of an address; `from` is a word of Python's, hence no class attributes."""

    def get_fields(self) -> dict[str, Any]:
        return {"from": AwareDateTimeField(), "to": AwareDateTimeField()}


class OpenSerializer(serializers.Serializer[Any]):
    weekday = serializers.IntegerField(help_text="0 is Monday")
    opens = serializers.IntegerField(help_text="minutes after midnight")
    closes = serializers.IntegerField(help_text="minutes after midnight")


class PolicySerializer(serializers.Serializer[Any]):
    time_zone = serializers.CharField()
    hours = OpenSerializer(many=True)
    step_minutes = serializers.IntegerField()
    shortest_minutes = serializers.IntegerField()
    longest_minutes = serializers.IntegerField()
    lead_minutes = serializers.IntegerField()
    horizon_days = serializers.IntegerField()
    buffer_before_minutes = serializers.IntegerField()
    buffer_after_minutes = serializers.IntegerField()
    needs_approval = serializers.BooleanField()
    needs_training = serializers.BooleanField()


class AnswerSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label_zh = serializers.CharField()
    label_en = serializers.CharField()
    answer_zh = serializers.CharField()
    answer_en = serializers.CharField()


class BookingSerializer(serializers.Serializer[Booking]):
    id = serializers.UUIDField()
    instrument = serializers.SlugField(source="instrument.slug")
    user = serializers.CharField(source="user.name")
    start = AwareDateTimeField(source="starts_at")
    end = AwareDateTimeField(source="ends_at")
    state = serializers.ChoiceField(State.choices)
    purpose = serializers.ChoiceField(Purpose.choices)
    title = serializers.CharField()
    answers = AnswerSerializer(many=True)
    reason = serializers.CharField()
    cancelled_as = serializers.ChoiceField([("", ""), *CancelledAs.choices])
    decided_at = AwareDateTimeField(allow_null=True)
    created_at = AwareDateTimeField()
    version = serializers.IntegerField()


class NewBookingSerializer(StrictSerializer):
    instrument = serializers.SlugField(max_length=50)
    start = AwareDateTimeField()
    end = AwareDateTimeField()
    purpose = serializers.ChoiceField([(each.value, each.label) for each in ASKED_FOR], default=Purpose.RESEARCH)
    title = serializers.CharField(max_length=120, default="", allow_blank=True)
    answers = serializers.DictField(child=serializers.JSONField(), default=dict)


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500)


class OptionalReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class NothingSerializer(StrictSerializer):
    pass


def interval_of(start: datetime, end: datetime, *, field: str = "end") -> Interval:
    """The wanted time, or a 400 that says that it ends before it begins."""
    if start >= end:
        raise WrongInput(field, "not_after_start", _("The end must be after the start."))
    return Interval(start, end)


def _instrument(request: Request, slug: str) -> Instrument:
    return get_object_or_404(Instrument.objects.visible_to(request.user).select_related("facility"), slug=slug)


class Availability(APIView):
    """Free and held time of one instrument, without names; public."""

    public = True

    @extend_schema(
        parameters=[OpenApiParameter("from", str, required=True), OpenApiParameter("to", str, required=True)],
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        given = WindowSerializer(data={name: request.GET[name] for name in ("from", "to") if name in request.GET})
        given.is_valid(raise_exception=True)
        window = interval_of(given.validated_data["from"], given.validated_data["to"], field="to")
        if window.length > LONGEST_WINDOW:
            raise WrongInput("to", "too_far", _("Ask for at most 62 days at once."))
        free, held = services.free_on(_instrument(request, slug), window, now=timezone.now())
        return Response(AvailabilitySerializer({"free": free, "held": held}).data)


class PolicyOfInstrument(APIView):
    """How time may be booked on one instrument; public."""

    public = True

    @extend_schema(responses=PolicySerializer)
    def get(self, request: Request, slug: str) -> Response:
        terms = services.terms_for(_instrument(request, slug))
        lengths = ["step", "shortest", "longest", "lead", "buffer_before", "buffer_after"]
        minutes = {f"{name}_minutes": int(getattr(terms, name).total_seconds() // 60) for name in lengths}
        body = {
            "time_zone": terms.zone.key,
            "hours": terms.hours,
            "horizon_days": terms.horizon.days,
            "needs_approval": terms.needs_approval,
            "needs_training": terms.needs_training,
        }
        return Response(PolicySerializer({**body, **minutes}).data)


class Bookings(ListAPIView[Booking]):
    """Bookings that the caller may see; POST asks for one."""

    scope = Scope.BOOK
    serializer_class = BookingSerializer
    pagination_class = CursorPages
    queryset = Booking.objects.all()
    filterset_class = BookingFilter

    def get_queryset(self) -> QuerySet[Booking]:
        if getattr(self, "swagger_fake_view", False):
            return Booking.objects.none()
        return Booking.objects.visible_to(self.request.user).with_everything()

    def filter_queryset(self, queryset: QuerySet[Booking]) -> QuerySet[Booking]:
        return BookingFilter.of(self.request.query_params, queryset, user=self.request.user)

    @extend_schema(request=NewBookingSerializer, responses={201: BookingSerializer}, parameters=[KEY_REQUIRED])
    def post(self, request: Request) -> Response:
        key = key_of(request, required=True)
        given = body_of(NewBookingSerializer, request)
        interval, slug = interval_of(given["start"], given["end"]), given["instrument"]

        def act() -> Answer:
            wanted = {name: given[name] for name in ("purpose", "title", "answers")}
            booking = services.book(slug, by=request.user, interval=interval, **wanted)
            return Answer(status.HTTP_201_CREATED, dict(BookingSerializer(booking).data))

        answer = once(request.user.pk, key=key, fingerprint=fingerprint_of(request), act=act)
        return _response(answer)


def _response(answer: Answer) -> Response:
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, status=answer.status, headers=headers)


class OneBooking(APIView):
    """One booking that the caller may see."""

    @extend_schema(responses=BookingSerializer)
    def get(self, request: Request, booking_id: UUID) -> Response:
        return Response(BookingSerializer(_booking(request, booking_id)).data)


def _booking(request: Request, booking_id: UUID) -> Booking:
    bookings = Booking.objects.visible_to(request.user).with_everything()
    return get_object_or_404(bookings.distinct(), pk=booking_id)


def _acted(request: Request, booking_id: UUID, act: Callable[[Booking], Booking]) -> Response:
    """One transition of a booking that the caller may see, once for each key."""
    booking = _booking(request, booking_id)

    def answer() -> Answer:
        return Answer(status.HTTP_200_OK, dict(BookingSerializer(act(booking)).data))

    return _response(once(request.user.pk, key=key_of(request), fingerprint=fingerprint_of(request), act=answer))


class Confirm(APIView):
    """The lab admin says yes."""

    scope = Scope.MANAGE

    @extend_schema(request=NothingSerializer, responses=BookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        body_of(NothingSerializer, request)
        return _acted(request, booking_id, lambda booking: services.confirm(booking, by=request.user))


class Decline(APIView):
    """The lab admin says no, and why."""

    scope = Scope.MANAGE

    @extend_schema(request=ReasonSerializer, responses=BookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(ReasonSerializer, request)
        return _acted(request, booking_id, lambda booking: services.decline(booking, by=request.user, **given))


class Cancel(APIView):
    """Who has it, or the laboratory (which must say why), gives the time back."""

    scope = Scope.BOOK

    @extend_schema(request=OptionalReasonSerializer, responses=BookingSerializer, parameters=[KEY])
    def post(self, request: Request, booking_id: UUID) -> Response:
        given = body_of(OptionalReasonSerializer, request)
        return _acted(request, booking_id, lambda booking: services.cancel(booking, by=request.user, **given))
