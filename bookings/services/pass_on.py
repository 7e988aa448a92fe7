"""What somebody booked for a group goes to its principal investigator when they leave the group's organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from bookings.models import Booking
from bookings.rules import objections_to_booking
from bookings.services.circumstances import circumstances_of
from bookings.services.news import report
from bookings.services.release import call_off, give_to
from bookings.services.turn import locked_with_instrument
from bookings.states import CancelledAs
from common.errors import Refusal, Refused, WrongInput


def pass_on(*, now: datetime) -> int:
    """Give coming bookings of people who left to the principal investigators; returns how many changed hands.

    The rules judge as if the PI had been handed the booking: training, sharing, quotas, who pays. One that cannot be
    theirs is called off without a fee, and its time is free again. Both people are told, with the reasons.
    """
    left = list(Booking.objects.left_behind(now).order_by("instrument_id", "starts_at").values_list("pk", flat=True))
    return sum(_pass_on(each, now=now) for each in left)


@transaction.atomic
def _pass_on(booking_id: UUID, *, now: datetime) -> bool:
    booking, instrument = locked_with_instrument(Booking.objects.get(pk=booking_id))
    if booking.group is None or not Booking.objects.left_behind(now).filter(pk=booking_id).exists():
        return False  # another beat was faster, or they belong again
    who, pi, was_booked_by = booking.user, booking.group.pi, booking.booked_by
    said: dict[str, Any] = {"who": who.name, "pi": pi.name, "where": booking.group.organisation.name}
    given = circumstances_of(
        instrument, user=pi, by=pi, interval=booking.interval, now=now, group=booking.group_id,
        assisted=booking.assisted, moved=booking,
    )  # fmt: skip
    objections: list[Refusal] = objections_to_booking(given)
    if not objections:
        try:
            with transaction.atomic():
                give_to(booking, pi, given, booked_by=pi if was_booked_by == who else was_booked_by)
        except (Refused, WrongInput) as refused:
            booking, _instrument = locked_with_instrument(Booking.objects.get(pk=booking_id))
            objections = reasons_in(refused)
    if objections:
        call_off(booking, CancelledAs.EARLY, by=who, reason="")
    event, kind = ("booking_given_back", "") if objections else ("booking_passed_on", "booking.changed")
    report(booking, event, to=[pi], kind=kind, objections=objections, **said)
    report(booking, event, to=[who], page="my_bookings", objections=objections, **said)
    return not objections


def reasons_in(refused: Refused | WrongInput) -> list[Refusal]:
    if isinstance(refused, Refused):
        return list(refused.refusals)
    return [Refusal(refused.code, refused.detail)]
