"""The one place where a booking's state changes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Booking
from bookings.states import HOLDS_TIME, NEXT, State
from common.errors import Refusal, Refused


def locked(booking: Booking) -> Booking:
    """The booking as it is now, held until this transaction ends."""
    rows = Booking.objects.with_everything().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=booking.pk)


def refuse_transition(booking: Booking, state: str) -> None:
    """Raise `Refused` (`wrong_state`) when `states.NEXT` knows no way from here to `state`."""
    if state not in NEXT[booking.state]:
        label = booking.get_state_display()
        sentence = _("This cannot be done any more: the booking is “%(state)s”.") % {"state": label}
        raise Refused([Refusal("wrong_state", sentence, values={"state": booking.state})])


def turn(booking: Booking, state: State, **fields: Any) -> Booking:
    """Go to `state`; a state that holds no time gives the time back."""
    refuse_transition(booking, state)
    changes = {"state": state, "version": booking.version + 1, "updated_at": timezone.now(), **fields}
    for name, value in changes.items():
        setattr(booking, name, value)
    booking.save(update_fields=list(changes))
    if state not in HOLDS_TIME:
        booking.claims.all().delete()
    return booking
