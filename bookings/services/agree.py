"""One yes and one no for whatever waits: a change of a booking that stands, else the request itself."""

from __future__ import annotations

from accounts.models import User
from bookings.models import Booking, Change
from bookings.services.change import accept_change, refuse_change
from bookings.services.decide import confirm, decline
from bookings.states import ChangeKind


def agree(booking: Booking, *, by: User, note: str = "") -> Booking:
    """The laboratory says yes to what waits: a change of a booking that stands, else the request itself."""
    asked = Change.objects.filter(booking=booking, kind=ChangeKind.MOVE).waiting()
    return accept_change(booking, by=by) if asked.exists() else confirm(booking, by=by, note=note)


def disagree(booking: Booking, *, by: User, reason: str) -> Booking:
    """The laboratory says no to what waits: a change (the old booking stands), else the request itself."""
    asked = Change.objects.filter(booking=booking, kind=ChangeKind.MOVE).waiting()
    return refuse_change(booking, by=by, reason=reason) if asked.exists() else decline(booking, by=by, reason=reason)
