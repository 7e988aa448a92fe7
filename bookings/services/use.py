from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bookings.models import Booking
from bookings.querysets import BookingQuerySet
from bookings.services.turn import turn
from bookings.states import State
from instruments.models import FacilityRole
from notifications.services import tell

AT_A_TIME = 200


def complete_past(*, now: datetime) -> int:
    """Turn confirmed bookings whose time is over into completed ones; returns how many."""
    return _turn_all(Booking.objects.to_be_completed(now), State.COMPLETED)


def expire_unanswered(*, now: datetime) -> int:
    """Turn requests that nobody decided in time into expired ones and tell both sides; returns how many."""
    return _turn_all(Booking.objects.unanswered(now), State.EXPIRED)


@transaction.atomic
def _turn_all(due: BookingQuerySet, state: State) -> int:
    """Two beats at once share the work: each takes rows that the other has not locked."""
    rows = due.select_for_update(skip_locked=True, of=("self",), no_key=True).with_everything()[:AT_A_TIME]
    for booking in rows:
        turn(booking, state)
        if state == State.EXPIRED:
            deciders = FacilityRole.objects.deciders(booking.instrument.facility, timezone.localdate())
            tell("booking_expired", to=[booking.user, *deciders], about=booking)
    return len(rows)
