"""REST: use, faults, maintenance, trainings, calendars to subscribe to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.states import Scope
from bookings import services
from bookings.api import shapes_of_work as shapes
from bookings.api.asking import body_about, booking_of, instrument_of, interval_of
from bookings.api.shapes import BookingSerializer, OneBookingSerializer
from bookings.models import Booking, Fault, Feed, Training, UsageRecord
from bookings.states import FeedKind, Purpose
from common.api import CursorPages, body_of
from common.errors import WrongInput
from instruments.models import Facility
from records.api import KEY, answered
from records.services import Answer

AT_ONCE = 500


class ByStart(CursorPages):
    ordering = ("-starts_at", "-id")


class ByReport(CursorPages):
    ordering = ("-reported_at", "-id")


class ByGrant(CursorPages):
    ordering = ("-granted_at", "-id")


class UsageRecords(ListAPIView[UsageRecord]):
    """Records of use that the caller may see; POST writes one, or a list of at most 500 (all or none)."""

    scope = Scope.MANAGE
    serializer_class = shapes.UsageSerializer
    pagination_class = ByStart
    queryset = UsageRecord.objects.none()

    def get_queryset(self) -> QuerySet[UsageRecord]:
        if getattr(self, "swagger_fake_view", False):
            return UsageRecord.objects.none()
        return UsageRecord.objects.visible_to(self.request.user).select_related("instrument", "user")

    @extend_schema(
        request=shapes.NewUsageSerializer(many=True),
        responses={201: shapes.UsageSerializer(many=True)},
        parameters=[KEY],
    )
    def post(self, request: Request) -> Response:
        rows = request.data if isinstance(request.data, list) else [request.data]
        if not 0 < len(rows) <= AT_ONCE:
            raise WrongInput("", "too_many", _("Send 1 to 500 records at once."))
        given = shapes.NewUsageSerializer(data=rows, many=True)
        given.is_valid(raise_exception=True)

        @transaction.atomic
        def act() -> Answer:
            made = [self._write(request, each) for each in given.validated_data]
            return Answer(status.HTTP_201_CREATED, shapes.UsageSerializer(made, many=True).data)

        return answered(request, act)

    def _write(self, request: Request, given: dict[str, Any]) -> UsageRecord:
        end = given.get("end") or given["start"] + timedelta(minutes=given.get("minutes", 0))
        named = ("user_name", "group", "samples", "source", "reason", "note", "problem", "external_ref")
        instrument, by = instrument_of(request, given["instrument"]), request.user
        user = None
        if "user" in given:
            user = services.somebody_named(given["user"], by=by, instrument=instrument, field="user")
        return services.record_use(
            instrument,
            by=by,
            interval=interval_of(given["start"], end),
            user=user,
            booking=booking_of(request, given["booking"]) if "booking" in given else None,
            **{name: given[name] for name in named if name in given},
        )


class Faults(ListAPIView[Fault]):
    """Faults that the caller may see; POST reports one. A severe one from the laboratory closes the instrument."""

    scope = Scope.BOOK
    serializer_class = shapes.FaultSerializer
    pagination_class = ByReport
    queryset = Fault.objects.none()

    def get_queryset(self) -> QuerySet[Fault]:
        if getattr(self, "swagger_fake_view", False):
            return Fault.objects.none()
        return Fault.objects.visible_to(self.request.user).select_related("instrument")

    @extend_schema(request=shapes.NewFaultSerializer, responses={201: shapes.FaultSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewFaultSerializer, request)
        instrument = instrument_of(request, given.pop("instrument"))

        def act() -> Answer:
            fault = services.report_fault(instrument, by=request.user, **given)
            return Answer(status.HTTP_201_CREATED, dict(shapes.FaultSerializer(fault).data))

        return answered(request, act)


class MendFault(APIView):
    """The fault is gone; the instrument opens again when no other severe one keeps it closed."""

    scope = Scope.MANAGE

    @extend_schema(request=shapes.MendSerializer, responses=shapes.FaultSerializer, parameters=[KEY])
    def post(self, request: Request, fault_id: UUID) -> Response:
        given = body_of(shapes.MendSerializer, request)
        visible = Fault.objects.visible_to(request.user).select_related("instrument__facility")
        fault = get_object_or_404(visible, pk=fault_id)

        def act() -> Answer:
            mended = services.mend(fault, by=request.user, **given)
            return Answer(status.HTTP_200_OK, dict(shapes.FaultSerializer(mended).data))

        return answered(request, act)


class Maintenance(ListAPIView[Booking]):
    """Planned maintenance of the instruments that the caller runs; POST plans some."""

    scope = Scope.MANAGE
    serializer_class = BookingSerializer
    pagination_class = CursorPages
    queryset = Booking.objects.none()

    def get_queryset(self) -> QuerySet[Booking]:
        if getattr(self, "swagger_fake_view", False):
            return Booking.objects.none()
        return Booking.objects.visible_to(self.request.user).with_everything().filter(purpose=Purpose.MAINTENANCE)

    @extend_schema(request=shapes.NewMaintenanceSerializer, responses={201: OneBookingSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewMaintenanceSerializer, request)
        instrument, interval = instrument_of(request, given["instrument"]), interval_of(given["start"], given["end"])

        def act() -> Answer:
            booking = services.plan_maintenance(instrument, by=request.user, interval=interval, title=given["title"])
            return Answer(status.HTTP_201_CREATED, body_about(booking))

        return answered(request, act)


class Trainings(ListAPIView[Training]):
    """The caller's trainings, and those on instruments that the caller runs; POST grants one."""

    scope = Scope.MANAGE
    serializer_class = shapes.TrainingSerializer
    pagination_class = ByGrant
    queryset = Training.objects.none()

    def get_queryset(self) -> QuerySet[Training]:
        if getattr(self, "swagger_fake_view", False):
            return Training.objects.none()
        user = self.request.user
        run_by = user.facility_roles.standing(timezone.localdate()).values("facility")
        seen = Q(user=user) | Q(instrument__facility__in=run_by) | Q(facility__in=run_by)
        return Training.objects.filter(seen).select_related("user", "instrument", "facility")

    @extend_schema(request=shapes.NewTrainingSerializer, responses={201: shapes.TrainingSerializer}, parameters=[KEY])
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewTrainingSerializer, request)
        instrument = instrument_of(request, given["instrument"])
        user = services.somebody_named(given["user"], by=request.user, instrument=instrument, field="user")

        def act() -> Answer:
            how = {"level": given["level"], "until": given.get("until")}
            training = services.grant_training(user, on=instrument, by=request.user, **how)
            return Answer(status.HTTP_201_CREATED, dict(shapes.TrainingSerializer(training).data))

        return answered(request, act)


class Feeds(APIView):
    """Calendars to subscribe to; the answer to POST shows the secret this once."""

    scope = Scope.BOOK

    @extend_schema(responses=shapes.FeedSerializer(many=True))
    def get(self, request: Request) -> Response:
        mine = Feed.objects.filter(owner=request.user).select_related("instrument", "facility").order_by("-created_at")
        return Response(shapes.FeedSerializer(mine, many=True).data)

    @extend_schema(request=shapes.NewFeedSerializer, responses={201: shapes.NewFeedAnswerSerializer})
    def post(self, request: Request) -> Response:
        given = body_of(shapes.NewFeedSerializer, request)
        instrument = instrument_of(request, given["instrument"]) if "instrument" in given else None
        facility = get_object_or_404(Facility, slug=given["facility"]) if "facility" in given else None
        kind = given.get("kind", FeedKind.CALENDAR)
        feed, secret = services.make_feed(request.user, instrument=instrument, facility=facility, kind=kind)
        open_by = services.addresses_of(feed, secret)
        shown = {
            **shapes.FeedSerializer(feed).data,
            "address": open_by.secret_path and request.build_absolute_uri(open_by.secret_path),
            "plain_address": request.build_absolute_uri(open_by.plain_path),
            "user_name": open_by.user_name,
            "password": open_by.password,
        }
        return Response(shown, status=status.HTTP_201_CREATED)


class OneFeed(APIView):
    """Revoke a calendar: its address works no longer."""

    scope = Scope.BOOK

    @extend_schema(responses={204: None})
    def delete(self, request: Request, feed_id: UUID) -> Response:
        services.revoke_feed(get_object_or_404(Feed, pk=feed_id, owner=request.user))
        return Response(status=status.HTTP_204_NO_CONTENT)
