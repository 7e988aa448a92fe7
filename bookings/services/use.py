"""From the door of the laboratory to the end of the work: check-in, check-out, no-show, overrun."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from bookings.availability import next_on_grid
from bookings.models import Booking, UsageRecord
from bookings.permissions import is_theirs, may_assist
from bookings.querysets import BookingQuerySet
from bookings.rules import Terms
from bookings.services.gather import terms_before, with_terms
from bookings.services.news import deciders_of, report
from bookings.services.turn import locked_with_instrument, refuse_state, turn
from bookings.states import IS_COMING, Purpose, Source, State
from common.errors import NotAllowed, Refusal, Refused
from common.text import tidy
from common.words import length
from instruments.models import Instrument

AT_A_TIME = 200
EARLY_CHECK_IN = timedelta(minutes=15)
# Who forgot to check out: after this long the booking ends as it was booked, and the laboratory sees it.
FORGOTTEN_AFTER = timedelta(hours=12)
CHECKED_IN = Refusal("checked_in", gettext_lazy("This booking is checked in already."))
NOT_CHECKED_IN = Refusal("not_checked_in", gettext_lazy("Check in first: this booking is not in use."))


@transaction.atomic
def check_in(booking: Booking, *, by: User, source: str = Source.CHECK_IN) -> Booking:
    """The work begins: by whose booking it is, an operator, or the instrument's own program."""
    booking, _instrument = locked_with_instrument(booking)
    _refuse_stranger(by, booking)
    if booking.state == State.IN_USE:
        raise Refused([CHECKED_IN])
    if booking.state != State.CONFIRMED:
        refuse_state(booking)
    now = timezone.now()
    if now < booking.starts_at - EARLY_CHECK_IN:
        sentence = _("Check-in opens %(early)s before the booked time.") % {"early": length(EARLY_CHECK_IN)}
        raise Refused([Refusal("too_early", sentence)])
    if now >= booking.ends_at:
        raise Refused([Refusal("over", _("The booked time is over."))])
    others = UsageRecord.objects.running().filter(instrument=booking.instrument, booking__isnull=False)
    if running := others.select_related("booking__user").first():
        raise Refused([_occupied(running)])
    turn(booking, State.IN_USE)
    UsageRecord.objects.create(
        instrument=booking.instrument,
        booking=booking,
        user=booking.user,
        group=booking.group,
        operator=booking.operator,
        starts_at=now,
        source=source,
        entered_by=by,
    )
    report(booking, "booking_started", to=[], kind="booking.started")
    return booking


@transaction.atomic
def check_out(
    booking: Booking,
    *,
    by: User,
    samples: int | None = None,
    note: str = "",
    problem: str = "",
) -> Booking:
    """The work ends; what is left of the time is free again, from the next step of the grid on."""
    booking, instrument = locked_with_instrument(booking)
    _refuse_stranger(by, booking)
    if booking.state == State.CONFIRMED:
        raise Refused([NOT_CHECKED_IN])
    if booking.state != State.IN_USE:
        refuse_state(booking)
    now, problem = timezone.now(), tidy(problem)
    record = booking.usage.running().select_for_update().first()
    if record is not None:
        _finish(record, max(now, record.starts_at + timedelta(seconds=1)), samples, note, problem)
    turn(booking, State.COMPLETED)
    terms = terms_before(instrument, booking)
    _give_back(booking, terms, now=now)
    _ask_how_it_was(booking, terms)
    if problem:
        report(booking, "usage_problem", to=deciders_of(booking), problem=problem)
    report(booking, "booking_completed", to=[], kind="booking.completed")
    return booking


def _ask_how_it_was(booking: Booking, terms: Terms) -> None:
    """Where the policy wants it, who used it is asked for a mark and a sentence."""
    if terms.asks_feedback:
        report(booking, "feedback_asked", to=[booking.user], occasion="feedback")


def source_for(user: User) -> str:
    """Where a record of use comes from when `user` speaks by REST: an instrument's own program, or a person."""
    return Source.DEVICE if user.service_of_id else Source.CHECK_IN


def _refuse_stranger(by: User, booking: Booking) -> None:
    if not (is_theirs(by, booking) or may_assist(by, booking)):
        raise NotAllowed(_("Only who booked, or the laboratory, checks in and out."))


def _occupied(running: UsageRecord) -> Refusal:
    name = running.user.name if running.user else running.user_name
    return Refusal("occupied", _("%(name)s is still checked in here and must check out first.") % {"name": name})


def _finish(record: UsageRecord, at: datetime, samples: int | None, note: str, problem: str) -> None:
    record.ends_at, record.samples = at, samples
    record.note, record.problem = tidy(note)[:500], tidy(problem)[:500]
    record.save(update_fields=["ends_at", "samples", "note", "problem"])


def _give_back(booking: Booking, terms: Terms, *, now: datetime) -> None:
    """Shorten what a completed booking holds to what was used; the booking itself says what was booked."""
    end = next_on_grid(max(now, booking.starts_at + timedelta(minutes=1)), step=terms.step, zone=terms.zone)
    for claim in booking.claims.filter(ends_at__gt=end + terms.buffer_after):
        claim.ends_at = end + terms.buffer_after
        claim.save(update_fields=["ends_at"])
    booking.operator_claims.filter(ends_at__gt=end, starts_at__lt=end).update(ends_at=end)


def complete_past(*, now: datetime) -> int:
    """Turn confirmed bookings whose time is over into completed ones; returns how many."""
    return _turn_all(Booking.objects.to_be_completed(now), State.COMPLETED, now=now)


def expire_lapsed(*, now: datetime) -> int:
    """Turn drafts, requests and questions that nobody answered in time into expired ones; tell both sides."""
    return _turn_all(Booking.objects.lapsed(now), State.EXPIRED, now=now)


@transaction.atomic
def _turn_all(due: BookingQuerySet, state: State, *, now: datetime) -> int:
    """Two beats at once share the work: each takes rows that the other has not locked.

    A row that is being confirmed or submitted at this moment is locked, and so left alone.
    """
    rows = due.select_for_update(skip_locked=True, of=("self",), no_key=True).with_everything()[:AT_A_TIME]
    for booking in rows:
        if booking.state == State.DRAFT:
            turn(booking, state, never_sent=True)
            continue
        turn(booking, state)
        event = f"booking_{state}"
        deciders = deciders_of(booking)
        told = [] if state == State.COMPLETED else [booking.user, *deciders]
        report(booking, event, to=told, kind=event.replace("_", ".", 1), staff=deciders)
        if state == State.COMPLETED and booking.purpose != Purpose.MAINTENANCE:
            instrument = with_terms(Instrument.objects.filter(pk=booking.instrument_id)).get()
            _ask_how_it_was(booking, terms_before(instrument, booking, now=now))
    return len(rows)


def release_no_shows(*, now: datetime) -> int:
    """Give away the time of whoever did not check in within the policy's grace; returns how many bookings."""
    return _turn_all(Booking.objects.never_come_for(now), State.NO_SHOW, now=now)


def watch_overruns(*, now: datetime) -> int:
    """Warn who overruns and who comes next, once; end what was forgotten. Returns how many were warned or ended."""
    rows = Booking.objects.overrunning(now).select_related("user", "instrument").order_by("ends_at")[:AT_A_TIME]
    return sum(_watch(booking, now=now) for booking in rows)


@transaction.atomic
def _watch(booking: Booking, *, now: datetime) -> int:
    booking, _instrument = locked_with_instrument(booking)
    if booking.state != State.IN_USE or booking.ends_at > now:
        return 0
    if booking.ends_at + FORGOTTEN_AFTER <= now:
        return _end_forgotten(booking)
    following = Booking.objects.filter(
        instrument=booking.instrument, state__in=IS_COMING, starts_at__gte=booking.ends_at
    ).order_by("starts_at")
    later = following.select_related("user").first()
    soon = later if later and later.starts_at <= now + timedelta(hours=1) else None
    details: dict[str, Any] = {"following": soon, "occasion": f"overrun {booking.ends_at.isoformat()}"}
    report(booking, "booking_overruns", to=[booking.user], **details)
    if soon:
        report(soon, "booking_delayed", to=[soon.user], occasion=f"after {booking.pk}")
    return 1


def _end_forgotten(booking: Booking) -> int:
    problem = _("Never checked out: the record ends as it was booked.")
    record = booking.usage.running().first()
    if record is not None:
        _finish(record, max(booking.ends_at, record.starts_at + timedelta(minutes=1)), None, "", problem)
    turn(booking, State.COMPLETED)
    report(booking, "booking_completed", to=[], kind="booking.completed")
    return 1


def next_here(instrument: Instrument, user: User, *, now: datetime) -> Booking | None:
    """The next confirmed booking of `user` on this instrument."""
    mine = Booking.objects.filter(instrument=instrument, user=user, state=State.CONFIRMED, starts_at__gt=now)
    return mine.with_everything().order_by("starts_at").first()


def here_now(instrument: Instrument, user: User, *, now: datetime) -> Booking | None:
    """The booking of `user` on this instrument that can be checked in or out now."""
    mine = Booking.objects.filter(instrument=instrument, user=user, ends_at__gt=now - FORGOTTEN_AFTER)
    begun = mine.filter(state__in=[State.CONFIRMED, State.IN_USE], starts_at__lte=now + EARLY_CHECK_IN)
    return begun.with_everything().order_by("-state", "starts_at").first()
