"""Holding another time: instead of the old one, or beside it until somebody decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from accounts.models import User
from bookings.models import Booking, Change, Claim, OperatorClaim
from bookings.rules import Circumstances, freest
from bookings.services.book import PUT, RACES, answer_due, hold, put
from bookings.services.news import deciders_of, report
from bookings.services.pay import hold_money
from bookings.services.turn import write
from bookings.states import ChangeKind, State
from common.db import violations_mean
from common.interval import without
from common.text import tidy
from instruments.models import Instrument
from notifications.services import withdraw

OFFER_HOLDS = timedelta(hours=48)


def hold_beside(
    booking: Booking, instrument: Instrument, given: Circumstances, *, kind: ChangeKind, by: User, note: str
) -> Booking:
    """Hold the new time beside the old one until somebody decides."""
    interval, now = given.interval, given.now
    operator = _operator_for(given, booking.operator_id)
    due = answer_due(interval.start, given) if kind == ChangeKind.MOVE else min(now + OFFER_HOLDS, interval.start)
    change = Change.objects.create(
        booking=booking,
        kind=kind,
        instrument=instrument,
        starts_at=interval.start,
        ends_at=interval.end,
        was_instrument=booking.instrument,
        was_starts_at=booking.starts_at,
        was_ends_at=booking.ends_at,
        operator_id=operator,
        note=tidy(note)[:500],
        asked_by=by,
        expires_at=max(due, now + timedelta(minutes=10)),
    )
    own = booking.claims.filter(instrument=instrument).intervals()
    theirs = [each.interval for each in booking.operator_claims.filter(operator=operator)]
    with violations_mean(RACES):
        for part in without(given.terms.held_for(interval), own):
            Claim.objects.create(
                booking=booking, change=change, instrument=instrument, starts_at=part.start, ends_at=part.end
            )
        if operator is not None:
            OperatorClaim.objects.bulk_create(
                OperatorClaim(
                    booking=booking, change=change, operator_id=operator, starts_at=part.start, ends_at=part.end
                )
                for part in without(interval, theirs)
            )
    # The offer has a deadline of its own: the request does not lapse before it.
    write(booking, **({"expires_at": None} if booking.state == State.REQUESTED else {"reason": ""}))
    if kind == ChangeKind.COUNTER:
        withdraw(booking, events=["booking_requested"])
    to = [booking.user] if kind == ChangeKind.COUNTER else deciders_of(booking)
    event = "booking_offered" if kind == ChangeKind.COUNTER else "booking_change_requested"
    report(booking, event, to=to, kind="booking.changed", change=change)
    return booking


def hold_instead(booking: Booking, given: Circumstances, *, operator: UUID | None = None) -> None:
    """Let go of what the booking holds and hold the time of `given` instead, with the same operator if they can."""
    booking.claims.all().delete()
    booking.operator_claims.all().delete()
    held_already = operator is None and booking.interval.contains(given.interval)
    same = operator or booking.operator_id
    put(booking, given, operator=same if given.assisted and held_already else _operator_for(given, same))
    hold_money(booking, given)
    with violations_mean(RACES):
        hold(booking, given)


def _operator_for(given: Circumstances, same: UUID | None) -> UUID | None:
    """Who runs it then: the same as before if they can, else the freest."""
    operators, interval = given.operators or (), given.interval
    return (same and freest(operators, interval, wanted=same)) or freest(operators, interval)


def as_put(booking: Booking) -> dict[str, Any]:
    """The columns that another time changes; reminders begin anew."""
    return {**{name: getattr(booking, name) for name in PUT}, "day_reminder_at": None, "hour_reminder_at": None}
