"""Who may do what to bookings."""

from __future__ import annotations

from accounts.models import User
from bookings.models import Booking
from instruments.permissions import may_decide_at


def is_theirs(user: User, booking: Booking) -> bool:
    return user.pk in {booking.user_id, booking.booked_by_id}


def may_decide(user: User, booking: Booking) -> bool:
    """Lab admins of the instrument's facility."""
    return may_decide_at(user, booking.instrument.facility)


def may_cancel(user: User, booking: Booking) -> bool:
    """Who has it, and the laboratory."""
    return is_theirs(user, booking) or may_decide(user, booking)
