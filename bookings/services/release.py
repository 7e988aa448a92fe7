from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Change
from bookings.permissions import is_theirs, may_cancel, may_decide
from bookings.rules import objections_to_booking
from bookings.services.address import person_at, share_a_group
from bookings.services.change import CHANGE_WAITS
from bookings.services.circumstances import Circumstances, circumstances_of
from bookings.services.decide import reason_given
from bookings.services.gather import terms_before, with_terms
from bookings.services.news import deciders_of, others_than, report
from bookings.services.pay import hold_money
from bookings.services.turn import (
    locked_with_instrument,
    refuse_if_held_for_another,
    refuse_state,
    refuse_transition,
    turn,
    write,
)
from bookings.states import CancelledAs, State
from common.errors import NotAllowed, Refusal, Refused, refuse_if
from common.text import tidy
from instruments.models import Instrument
from notifications.services import withdraw

BEGUN = Refusal("begun", _("The booked time has begun already; it can no longer be cancelled."))
NO_HAND_OVER = Refusal("no_hand_over", _("Bookings of this instrument are not handed over."))
CANNOT_TAKE_IT = Refusal("cannot_take_over", _("Nobody with this address can take this booking over."), "to")
ANNOUNCEMENTS = ["booking_requested", "booking_confirmed", "booking_reminder", "booking_offered", "booking_moved"]


@transaction.atomic
def cancel(booking: Booking, *, by: User, reason: str = "", owner: str = "", for_safety: bool = False) -> Booking:
    """Give the time back: by whose booking it is, or by the laboratory, which must say why.

    A confirmed booking cancelled after the policy's deadline is marked as late. The laboratory may also cancel a
    no-show, when an objection to it was right. What is held for a course or an order the laboratory may cancel
    `for_safety` only; its owner finds out within a minute.
    """
    booking, instrument = locked_with_instrument(booking)
    if not may_cancel(by, booking):
        raise NotAllowed(_("Only who booked, or a lab admin, may cancel a booking."))
    if not (for_safety and may_decide(by, booking)):
        refuse_if_held_for_another(booking, owner=owner)
    refuse_transition(booking, State.CANCELLED)
    now = timezone.now()
    by_lab = not is_theirs(by, booking)
    if booking.state == State.NO_SHOW and not by_lab:
        raise NotAllowed(_("Only a lab admin takes a no-show back."))
    if booking.starts_at <= now and booking.state != State.NO_SHOW:
        raise Refused([BEGUN])
    if by_lab and booking.state != State.DRAFT:
        reason = reason_given(reason, _("Say why: somebody counts on this time."))
    terms = terms_before(instrument, booking)
    late = booking.state == State.CONFIRMED and now > booking.starts_at - terms.cancel_deadline
    counted_as = CancelledAs.BY_LAB if by_lab else CancelledAs.LATE if late else CancelledAs.EARLY
    return call_off(booking, counted_as, by=by, reason=reason)


def call_off(booking: Booking, counted_as: CancelledAs, *, by: User, reason: str, tell_the_lab: bool = True) -> Booking:
    """Cancel a booking that the caller has locked and judged; nobody hears of a draft."""
    was_draft = booking.state == State.DRAFT
    kept = {"cancelled_as": CancelledAs.EARLY if was_draft else counted_as, "reason": tidy(reason)[:500]}
    turn(booking, State.CANCELLED, cancelled_at=timezone.now(), **kept)
    if was_draft:
        return booking
    withdraw(booking, events=ANNOUNCEMENTS)
    deciders = deciders_of(booking)
    to = others_than(by, [booking.user, *(deciders if tell_the_lab else [])])
    report(booking, "booking_cancelled", to=to, kind="booking.cancelled", staff=deciders)
    return booking


def allows_hand_over(booking: Booking) -> bool:
    """Whether the policy lets its person give it to somebody else; two statements."""
    instrument = with_terms(Instrument.objects.filter(pk=booking.instrument_id)).get()
    return terms_before(instrument, booking).allows_hand_over


@transaction.atomic
def hand_over(booking: Booking, *, by: User, to: str) -> Booking:
    """Give a confirmed booking to somebody (by mail address) who could have booked it, where the policy allows it.

    Why they could not, is said about people of the same research group only.
    """
    booking, instrument = locked_with_instrument(booking)
    if not is_theirs(by, booking):
        raise NotAllowed(_("Only who has a booking hands it over."))
    refuse_if_held_for_another(booking)
    if booking.state != State.CONFIRMED or booking.starts_at <= timezone.now():
        refuse_state(booking)
    refuse_if([CHANGE_WAITS] if Change.objects.filter(booking=booking).waiting().exists() else [])
    refuse_if([] if terms_before(instrument, booking).allows_hand_over else [NO_HAND_OVER])
    taker = person_at(to)
    if taker is None or taker.pk == booking.user_id:
        raise Refused([CANNOT_TAKE_IT])
    given = circumstances_of(
        instrument, user=taker, by=taker, interval=booking.interval, now=timezone.now(), assisted=booking.assisted,
        moved=booking,
    )  # fmt: skip
    if objections := objections_to_booking(given):
        raise Refused(objections if share_a_group(by, taker) else [CANNOT_TAKE_IT])
    give_to(booking, taker, given, booked_by=taker)
    report(booking, "booking_handed_over", to=[taker], kind="booking.changed", by=by)
    return booking


def give_to(booking: Booking, taker: User, given: Circumstances, *, booked_by: User) -> None:
    """Make a locked booking somebody else's, who pays from now on; the rules were asked with `given`."""
    fresh = {"external_ref": "", "day_reminder_at": None, "hour_reminder_at": None}
    booking.user = taker
    hold_money(booking, given)
    paid = {name: getattr(booking, name) for name in ("payer_id", "fund_code_id", "price", "hold_id")}
    write(booking, user=taker, booked_by=booked_by, group_id=given.group_id, **fresh, **paid)
