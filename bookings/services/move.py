from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking
from bookings.permissions import is_theirs, may_cancel
from bookings.services.turn import locked, refuse_transition, turn
from bookings.states import CancelledAs, State
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from instruments.models import FacilityRole
from notifications.services import tell, withdraw

BEGUN = Refusal("begun", _("The booked time has begun already; it can no longer be cancelled."))
ANNOUNCEMENTS = ["booking_requested", "booking_confirmed", "booking_reminder"]


@transaction.atomic
def cancel(booking: Booking, *, by: User, reason: str = "") -> Booking:
    """Give the time back: by whose booking it is, or by the laboratory, which must say why."""
    booking = locked(booking)
    if not may_cancel(by, booking):
        raise NotAllowed(_("Only who booked, or a lab admin, may cancel a booking."))
    refuse_transition(booking, State.CANCELLED)
    if booking.starts_at <= timezone.now():
        raise Refused([BEGUN])
    by_lab = not is_theirs(by, booking)
    if by_lab and not tidy(reason):
        raise WrongInput("reason", "required", _("Say why: somebody counts on this time."))
    turn(
        booking,
        State.CANCELLED,
        cancelled_as=CancelledAs.BY_LAB if by_lab else CancelledAs.EARLY,
        cancelled_at=timezone.now(),
        reason=tidy(reason)[:500],
    )
    withdraw(booking, events=ANNOUNCEMENTS)
    tell("booking_cancelled", to=_others(booking, by), about=booking)
    return booking


def _others(booking: Booking, by: User) -> list[User]:
    """Everybody concerned but the one who did it."""
    deciders = FacilityRole.objects.deciders(booking.instrument.facility, timezone.localdate())
    concerned = [booking.user, *deciders]
    return [each for each in concerned if each.pk != by.pk]
