"""The one place where a booking's state changes, and where it is locked for that."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Booking, Change
from bookings.querysets import BookingQuerySet
from bookings.services.lock import lock_again
from bookings.services.pay import money_of
from bookings.states import HOLDS_TIME, IS_COMING, NEXT, WAITS, ChangeState, State
from common.asked import Asked
from common.errors import InFlight, NotAllowed, Refusal, Refused
from instruments.models import Instrument


def locked(booking: Booking) -> Booking:
    """The booking as it is now, held until this transaction ends."""
    # Locked by itself first: a join looked at before the wait could miss what another transaction has changed.
    Booking.objects.select_for_update(no_key=True).only("pk").get(pk=booking.pk)
    found: Booking = _EVERYTHING.of(day=timezone.localdate(), booking=booking.pk)[0]
    return found


def _everything(booking: UUID) -> BookingQuerySet:
    return Booking.objects.with_everything().filter(pk=booking)


_EVERYTHING = Asked(_everything)


def locked_with_instrument(booking: Booking, *, also: Instrument | None = None) -> tuple[Booking, Instrument]:
    """The booking and the instrument on which it will hold time (`also`, else its own), in the order of all services.

    Instruments come first, by id, then the booking. Raises InFlight when the booking was moved to another instrument
    meanwhile.
    """
    instruments = lock_again(booking.instrument_id, also.pk if also else booking.instrument_id)
    booking = locked(booking)
    if booking.instrument_id not in instruments:
        raise InFlight
    booking.instrument = instruments[booking.instrument_id]
    return booking, instruments[also.pk] if also else booking.instrument


def refuse_transition(booking: Booking, *states: str) -> None:
    """Raise `Refused` (`wrong_state`) when `states.NEXT` knows no way from here to any of `states`."""
    if not NEXT[booking.state] & set(states):
        refuse_state(booking)


def refuse_state(booking: Booking) -> None:
    """Raise `Refused` (`wrong_state`): what was asked cannot be done as the booking stands."""
    sentence = _("This cannot be done any more: the booking is “%(state)s”.") % {"state": booking.get_state_display()}
    raise Refused([Refusal("wrong_state", sentence, values={"state": booking.state})])


def refuse_if_held_for_another(booking: Booking, *, owner: str = "") -> None:
    """What an upper room booked for itself is changed by that room alone (`owner` says who asks)."""
    if booking.held_for and booking.held_for != owner:
        raise NotAllowed(_("This time is held for something larger and can only be changed there."))


def turn(booking: Booking, state: State, **fields: Any) -> Booking:
    """Go to `state`: what holds no time gives time and money back, what was used is charged, what waits lapses."""
    refuse_transition(booking, state)
    if state not in WAITS:
        fields.setdefault("expires_at", None)
    if booking.state == State.DRAFT:
        fields.setdefault("draft_slot", None)
    fields |= money_of(booking, state, fields)
    write(booking, state=state, **fields)
    if state not in HOLDS_TIME:
        booking.claims.all().delete()
        booking.operator_claims.all().delete()
    if state not in IS_COMING:
        _drop_change(booking)
    return booking


def _drop_change(booking: Booking) -> None:
    """What is over can no longer be changed: a change that waits is withdrawn, and what it held is free."""
    waiting = Change.objects.filter(booking=booking).waiting()
    if waiting.update(state=ChangeState.WITHDRAWN, decided_at=booking.updated_at):
        booking.claims.exclude(change=None).delete()
        booking.operator_claims.exclude(change=None).delete()


def write(booking: Booking, **fields: Any) -> Booking:
    """Change columns of a locked booking (all of them when none is named): its version goes up."""
    changes = {"version": booking.version + 1, "updated_at": timezone.now(), **fields}
    for name, value in changes.items():
        setattr(booking, name, value)
    booking.save(update_fields=list(changes) if fields else None)
    return booking
