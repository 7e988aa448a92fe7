"""What the endpoints of this room share: finding what is asked for, and what is told of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from bookings.api.shapes import OneBookingSerializer
from bookings.models import Booking, Change
from common.errors import WrongInput
from common.interval import Interval
from instruments.models import Instrument

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, required=True)
FROM_TO = [OpenApiParameter("from", str, required=True), OpenApiParameter("to", str, required=True)]


def interval_of(start: datetime, end: datetime, *, field: str = "end") -> Interval:
    """The wanted time, or a 400 that says that it ends before it begins."""
    if start >= end:
        raise WrongInput(field, "not_after_start", _("The end must be after the start."))
    return Interval(start, end)


def instrument_of(request: Request, slug: str) -> Instrument:
    """An instrument that the caller may see."""
    return get_object_or_404(Instrument.objects.visible_to(request.user).select_related("facility"), slug=slug)


def booking_of(request: Request, booking_id: UUID) -> Booking:
    """A booking that the caller may see."""
    return get_object_or_404(Booking.objects.visible_to(request.user).with_everything(), pk=booking_id)


def body_about(booking: Booking) -> dict[str, Any]:
    """A booking as an answer, with the change that waits."""
    change = Change.objects.filter(booking=booking).waiting().select_related("instrument").first()
    booking.change = change  # type: ignore[attr-defined]
    return dict(OneBookingSerializer(booking).data)
