from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking
from bookings.permissions import may_decide
from bookings.services.turn import locked, refuse_transition, turn
from bookings.states import State
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from notifications.services import tell, withdraw

TOO_LATE = Refusal("too_late", _("The booked time has begun already."))


@transaction.atomic
def confirm(booking: Booking, *, by: User) -> Booking:
    """The lab admin says yes; of two at once, one wins and the other is told."""
    booking = _to_be_decided(booking, by)
    refuse_transition(booking, State.CONFIRMED)
    if booking.starts_at <= timezone.now():
        raise Refused([TOO_LATE])
    turn(booking, State.CONFIRMED, decided_by=by, decided_at=timezone.now())
    _tell_decision("booking_confirmed", booking)
    return booking


@transaction.atomic
def decline(booking: Booking, *, by: User, reason: str) -> Booking:
    """The lab admin says no and why; the time is free again and the mail carries the reason."""
    booking = _to_be_decided(booking, by)
    if not tidy(reason):
        raise WrongInput("reason", "required", _("Say why, so that the requester can do better next time."))
    refuse_transition(booking, State.DECLINED)
    turn(booking, State.DECLINED, decided_by=by, decided_at=timezone.now(), reason=tidy(reason)[:500])
    _tell_decision("booking_declined", booking)
    return booking


def _to_be_decided(booking: Booking, by: User) -> Booking:
    booking = locked(booking)
    if not may_decide(by, booking):
        raise NotAllowed(_("Only a lab admin of this instrument decides its bookings."))
    return booking


def _tell_decision(event: str, booking: Booking) -> None:
    withdraw(booking, events=["booking_requested"])
    tell(event, to=[booking.user], about=booking)
