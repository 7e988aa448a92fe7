from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Change
from bookings.permissions import is_theirs, may_decide
from bookings.rules import objections_of_money
from bookings.rules.time import slot_taken
from bookings.services.book import RACES, answer_due, hold
from bookings.services.circumstances import circumstances_of
from bookings.services.news import deciders_of, report
from bookings.services.pay import hold_money
from bookings.services.turn import (
    locked,
    locked_with_instrument,
    refuse_state,
    refuse_transition,
    turn,
)
from bookings.states import ChangeState, State
from common.db import violations_mean
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from instruments.rules import answers_in_words, objections_to_answers, questions_of
from notifications.services import say, withdraw

# A decision leaves by mail after this long; until then it can be taken back.
UNDO_WITHIN = timedelta(seconds=60)
TOO_LATE = Refusal("too_late", _("The booked time has begun already."))
TOO_LATE_TO_UNDO = Refusal("too_late_to_undo", _("The minute is over: the requester has been told."))
CHANGE_CAME = Refusal("change_waits", _("Another time was asked for meanwhile: answer that first."))
OFFER_WAITS = Refusal("offer_waits", _("Another time was offered: the requester must say yes or no to it first."))
TOLD_BY = {
    State.CONFIRMED: "booking_confirmed",
    State.DECLINED: "booking_declined",
    State.NEEDS_INFO: "booking_asked",
}


@transaction.atomic
def confirm(booking: Booking, *, by: User, note: str = "") -> Booking:
    """The lab admin says yes; of two at once, one wins and the other is told."""
    booking = to_be_decided(booking, by)
    refuse_transition(booking, State.CONFIRMED)
    if booking.state != State.REQUESTED:
        refuse_state(booking)
    if booking.starts_at <= timezone.now():
        raise Refused([TOO_LATE])
    if Change.objects.filter(booking=booking).waiting().exists():
        raise Refused([OFFER_WAITS])
    turn(booking, State.CONFIRMED, decided_by=by, decided_at=timezone.now(), reason=tidy(note)[:500])
    _tell_decision(booking, "booking_confirmed", "booking.confirmed")
    return booking


@transaction.atomic
def decline(booking: Booking, *, by: User, reason: str) -> Booking:
    """The lab admin says no and why; the time is free again and the mail carries the reason."""
    booking = to_be_decided(booking, by)
    reason = reason_given(reason, _("Say why, so that the requester can do better next time."))
    refuse_transition(booking, State.DECLINED)
    turn(booking, State.DECLINED, decided_by=by, decided_at=timezone.now(), reason=reason)
    _tell_decision(booking, "booking_declined", "booking.declined")
    return booking


@transaction.atomic
def ask(booking: Booking, *, by: User, question: str) -> Booking:
    """The lab admin wants to know more; the time stays held while the requester answers."""
    booking = to_be_decided(booking, by)
    question = reason_given(question, _("Write what you want to know."), field="question", longest=1000)
    refuse_transition(booking, State.NEEDS_INFO)
    if waiting_change(booking):
        raise Refused([OFFER_WAITS])
    turn(booking, State.NEEDS_INFO, decided_by=by, decided_at=timezone.now(), question=question)
    _tell_decision(booking, "booking_asked", "booking.needs_info")
    return booking


@transaction.atomic
def answer(booking: Booking, *, by: User, text: str, answers: dict[str, Any] | None = None) -> Booking:
    """The requester answers, in words and, if they like, with new answers to the instrument's questions."""
    booking, instrument = locked_with_instrument(booking)
    if not is_theirs(by, booking):
        raise NotAllowed(_("Only who booked answers."))
    if booking.state != State.NEEDS_INFO:
        refuse_state(booking)
    text = reason_given(text, _("Write an answer."), field="text", longest=4000)
    changed: dict[str, Any] = {}
    if answers is not None:
        questions = questions_of(instrument.questions)
        if refusals := objections_to_answers(questions, answers):
            raise Refused(refusals)
        changed["answers"] = answers_in_words(questions, answers)
    given = circumstances_of(
        instrument, user=booking.user, interval=booking.interval, now=timezone.now(), group=booking.group_id,
        moved=booking,
    )  # fmt: skip
    due = answer_due(booking.starts_at, given)
    turn(booking, State.REQUESTED, decided_by=None, decided_at=None, expires_at=due, **changed)
    withdraw(booking, events=["booking_asked"])
    deciders = deciders_of(booking)
    say(booking, by=by, text=text, to=[])
    report(booking, "booking_answered", to=deciders, kind="booking.requested", staff=deciders, text=text)
    return booking


@transaction.atomic
def undo(booking: Booking, *, by: User) -> Booking:
    """Take a decision back while its mail has not left: the request waits again, if its time is still free."""
    booking, instrument = locked_with_instrument(booking)
    _refuse_unless_decider(booking, by)
    if booking.state not in TOLD_BY or not booking.decided_by_id:
        refuse_state(booking)
    if waiting_change(booking):
        raise Refused([CHANGE_CAME])
    now, was = timezone.now(), booking.state
    told = withdraw(booking, events=[TOLD_BY[State(was)]])
    if booking.decided_at is None or booking.decided_at <= now - UNDO_WITHIN or told.too_late:
        raise Refused([TOO_LATE_TO_UNDO])
    given = circumstances_of(
        instrument, user=booking.user, interval=booking.interval, now=now, group=booking.group_id,
        assisted=booking.assisted, operator=booking.operator_id, moved=booking,
    )  # fmt: skip
    if was == State.DECLINED:
        taken = slot_taken(given)
        refuse_if([*([taken] if taken else []), *objections_of_money(given)])
        hold_money(booking, given)
    turn(
        booking,
        State.REQUESTED,
        decided_by=None,
        decided_at=None,
        reason="",
        expires_at=answer_due(booking.starts_at, given),
        hold_id=booking.hold_id,
        price=booking.price,
    )
    if was == State.DECLINED:
        with violations_mean(RACES):
            hold(booking, given)
    report(booking, "booking_requested", to=[], kind="booking.requested")
    return booking


def can_undo(booking: Booking, *, now: Any) -> bool:
    """Whether the undo button still works."""
    decided = booking.state in TOLD_BY and booking.decided_by_id
    return bool(decided and booking.decided_at and booking.decided_at > now - UNDO_WITHIN)


def undo_since() -> datetime:
    """Decisions made after this moment can still be taken back."""
    return timezone.now() - UNDO_WITHIN


def to_be_decided(booking: Booking, by: User) -> Booking:
    booking = locked(booking)
    _refuse_unless_decider(booking, by)
    return booking


def _refuse_unless_decider(booking: Booking, by: User) -> None:
    if not may_decide(by, booking):
        raise NotAllowed(_("Only a lab admin of this instrument decides its bookings."))


def reason_given(text: str, sentence: Any, *, field: str = "reason", longest: int = 500) -> str:
    """What somebody wrote, tidied; raises WrongInput with `sentence` when there is nothing, and when it is too long."""
    words = tidy(text)
    if not words:
        raise WrongInput(field, "required", sentence)
    if len(words) > longest:
        limits = {"longest": longest, "count": len(words)}
        raise WrongInput(field, "too_long", _("At most %(longest)s characters; these are %(count)s.") % limits)
    return words


def _tell_decision(booking: Booking, event: str, kind: str) -> None:
    withdraw(booking, events=["booking_requested", "booking_answered"])
    report(booking, event, to=[booking.user], kind=kind, after=UNDO_WITHIN)


def waiting_change(booking: Booking) -> Change | None:
    """The change of this booking that waits for somebody, locked."""
    rows = Change.objects.filter(booking=booking).waiting().select_related("instrument", "asked_by")
    return rows.select_for_update(of=("self",), no_key=True).first()


def close(change: Change, state: ChangeState, *, by: User | None, reason: str = "") -> Change:
    """Say how a change ended; what it held is let go by whoever calls."""
    change.state, change.decided_by, change.decided_at, change.reason = state, by, timezone.now(), reason
    change.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    return change
