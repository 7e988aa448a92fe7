"""Time that an upper room holds for something of its own: only that room changes it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking
from bookings.permissions import may_hold_for_youth
from bookings.rules import is_hard, needs_decision, objections_to_booking
from bookings.services.book import RACES, answer_due, hold
from bookings.services.circumstances import circumstances_of
from bookings.services.lock import lock_with_terms
from bookings.services.news import deciders_of, report
from bookings.services.release import call_off
from bookings.services.turn import locked_with_instrument, refuse_if_held_for_another
from bookings.states import NEXT, CancelledAs, Purpose, State
from common.db import violations_mean
from common.errors import NotAllowed, refuse_if
from common.interval import Interval
from common.text import tidy

# Beside the hard ones: what even a school class does not change. Length, horizon, training and quotas are people's.
COUNTS_HERE_TOO = {"out_of_order", "by_enquiry"}


@transaction.atomic
def hold_for(slug: str, *, by: User, interval: Interval, owner: str, title: str = "") -> Booking:
    """Hold time of an instrument or room for `owner` (`outreach.session:<id>`), or raise every reason why not.

    The facility's own people hold it at once, at any hour. A coordinator of its organisation asks like everybody
    where the instrument needs approval, and only while it is open. Raises NotAllowed for anybody else, and
    Instrument.DoesNotExist for what `by` may not see.
    """
    now = timezone.now()
    instrument = lock_with_terms(slug, by=by, now=now)
    if not may_hold_for_youth(by, instrument.facility):
        raise NotAllowed(_("Only the laboratory's own people and its institution's coordinators may do this."))
    given = circumstances_of(instrument, user=by, by=by, interval=interval, now=now)
    counts = COUNTS_HERE_TOO if given.by_staff else {*COUNTS_HERE_TOO, "closed"}
    refuse_if([each for each in objections_to_booking(given) if is_hard(each) or each.code in counts])
    waits = needs_decision(given) and not given.by_staff
    booking = Booking(
        instrument=instrument,
        user=by,
        booked_by=by,
        starts_at=interval.start,
        ends_at=interval.end,
        state=State.REQUESTED if waits else State.CONFIRMED,
        expires_at=answer_due(interval.start, given) if waits else None,
        decided_at=None if waits else now,
        purpose=Purpose.OUTREACH,
        title=tidy(title)[:120],
        held_for=owner,
    )
    with violations_mean(RACES):
        booking.save(force_insert=True)
        hold(booking, given)
    deciders = deciders_of(booking)
    if waits:
        report(booking, "booking_requested", to=deciders, kind="booking.requested", staff=deciders)
    else:
        report(booking, "booking_confirmed", to=[], kind="booking.confirmed", staff=deciders)
    return booking


@transaction.atomic
def let_go(booking: Booking, *, by: User, owner: str, reason: str = "") -> Booking:
    """Give back what was held for `owner`; what is over or in use stays as it is."""
    booking, _instrument = locked_with_instrument(booking)
    if not booking.held_for:
        raise NotAllowed(_("This time is not held for anything else."))
    refuse_if_held_for_another(booking, owner=owner)
    if State.CANCELLED not in NEXT[booking.state]:
        return booking
    return call_off(booking, CancelledAs.EARLY, by=by, reason=reason)
