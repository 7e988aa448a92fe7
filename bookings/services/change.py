"""Another time for a booking: at once where nobody has to agree, else held until somebody has."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Change
from bookings.permissions import is_theirs, may_decide
from bookings.rules import (
    Circumstances,
    is_hard,
    needs_decision,
    objections_of_money,
    objections_of_operators,
    objections_to_booking,
)
from bookings.rules.time import keeps_its_start
from bookings.services.book import answer_due, refuse_or_overrule
from bookings.services.circumstances import circumstances_of
from bookings.services.decide import UNDO_WITHIN, close, reason_given, waiting_change
from bookings.services.news import deciders_of, report
from bookings.services.other_time import as_put, hold_beside, hold_instead
from bookings.services.turn import locked_with_instrument, refuse_if_held_for_another, refuse_state, turn, write
from bookings.states import MOVABLE, CancelledAs, ChangeKind, ChangeState, State
from common.errors import NotAllowed, PreconditionFailed, Refusal, Refused, refuse_if
from common.interval import Interval
from common.text import tidy
from instruments.models import Instrument
from notifications.services import withdraw

OF_OPERATORS = {"no_operator_free", "operator_taken"}
BEGUN = Refusal("begun", _("The booked time has begun already: only its end can be changed."), "start")
CHANGE_WAITS = Refusal("change_waits", _("A change of this booking is waiting already: withdraw it first."))
NOTHING_WAITS = Refusal("nothing_waits", _("No change of this booking waits for an answer."))
NOTHING_CHANGES = Refusal("nothing_changes", _("This is the time that is booked already."), "start")


@transaction.atomic
def move(
    booking: Booking,
    *,
    by: User,
    interval: Interval,
    note: str = "",
    overrule_because: str = "",
    version: int | None = None,
) -> Booking:
    """Move, extend or shorten a booking.

    In one transaction where no approval is needed: a draft, a request nobody has decided, a shorter time, or an
    instrument that asks for none. Else both times are held until the laboratory decides. What the laboratory moves
    for somebody else becomes an offer, unless it lies within what the requester said would do as well.
    """
    booking, instrument = locked_with_instrument(booking)
    if version is not None and booking.version != version:
        raise PreconditionFailed
    refuse_move(booking, by, interval)
    now = timezone.now()
    given = circumstances_of(
        instrument, user=booking.user, by=by, interval=interval, now=now, group=booking.group_id,
        assisted=booking.assisted, moved=booking,
    )  # fmt: skip
    refusals = objections_to_move(booking, given, by=by)
    if BEGUN in refusals:
        raise Refused([BEGUN])
    because = tidy(overrule_because)
    _keep_overruled(booking, refuse_or_overrule(instrument, given, refusals, because=because), because)
    if kind := becomes(booking, given, by=by):
        return hold_beside(booking, instrument, given, kind=kind, by=by, note=note)
    return _move_at_once(booking, given, by=by)


def objections_to_move(booking: Booking, given: Circumstances, *, by: User) -> list[Refusal]:
    """What stands against another time for a booking; of one that has begun, that is all there is to say."""
    if booking.starts_at <= given.now and not keeps_its_start(given):
        return [BEGUN]
    refusals = objections_to_booking(given)
    if not booking.interval.contains(given.interval):
        return refusals
    # Its operator is held already, and what the laboratory itself makes shorter breaks no soft rule of its own.
    by_lab = not is_theirs(by, booking)
    return [each for each in refusals if each.code not in OF_OPERATORS and (is_hard(each) or not by_lab)]


def becomes(booking: Booking, given: Circumstances, *, by: User) -> ChangeKind | None:
    """What another time waits as until the other side agrees; None when it counts at once."""
    shorter = booking.interval.contains(given.interval)
    by_lab = not is_theirs(by, booking)
    if by_lab and not shorter and not _is_fine(booking, given.interval):
        return ChangeKind.COUNTER
    undecided = booking.state in {State.DRAFT, State.REQUESTED}
    if not (undecided or shorter or by_lab) and needs_decision(given):
        return ChangeKind.MOVE
    return None


@transaction.atomic
def offer(booking: Booking, *, by: User, interval: Interval, on: Instrument | None = None, note: str = "") -> Booking:
    """The lab admin says yes to another time or instrument: held, and the requester accepts it by one tap.

    A shorter time, or one within what the requester said would do as well, is confirmed at once.
    """
    booking, instrument = locked_with_instrument(booking, also=on)
    if not may_decide(by, booking) or (on and on.facility_id != booking.instrument.facility_id):
        raise NotAllowed(_("Only a lab admin of this instrument decides its bookings."))
    refuse_if_held_for_another(booking)
    if booking.state != State.REQUESTED:
        refuse_state(booking)
    if Change.objects.filter(booking=booking).waiting().exists():
        raise Refused([CHANGE_WAITS])
    now, elsewhere = timezone.now(), instrument.pk != booking.instrument_id
    if booking.interval == interval and not elsewhere:
        raise Refused([NOTHING_CHANGES])
    given = circumstances_of(
        instrument, user=booking.user, by=by, interval=interval, now=now, group=booking.group_id,
        assisted=booking.assisted, moved=booking,
    )  # fmt: skip
    because = str(_("offered by the laboratory"))
    _keep_overruled(
        booking, refuse_or_overrule(instrument, given, objections_to_booking(given), because=because), because
    )
    if elsewhere or not (booking.interval.contains(interval) or _is_fine(booking, interval)):
        return hold_beside(booking, instrument, given, kind=ChangeKind.COUNTER, by=by, note=note)
    hold_instead(booking, given)
    turn(booking, State.CONFIRMED, decided_by=by, decided_at=now, reason=tidy(note)[:500], **as_put(booking))
    withdraw(booking, events=["booking_requested"])
    report(booking, "booking_confirmed", to=[booking.user], kind="booking.confirmed", after=UNDO_WITHIN)
    return booking


@transaction.atomic
def accept_change(booking: Booking, *, by: User) -> Booking:
    """Say yes to the change that waits: the requester to an offer, the laboratory to a wish."""
    booking, instrument, change = _waiting(booking, by)
    now = timezone.now()
    given = circumstances_of(
        instrument, user=booking.user, by=by, interval=change.interval, now=now, group=booking.group_id,
        assisted=booking.assisted, moved=booking,
    )  # fmt: skip
    begun = min(booking.starts_at, change.starts_at) <= now
    if change.ends_at <= now or (begun and not keeps_its_start(given)):
        raise Refused([BEGUN])
    # Whether the instrument is run by operators at all, was judged when the change was asked for.
    refuse_if([*objections_of_operators(given), *objections_of_money(given)])
    booking.instrument, booking.operator_id = instrument, change.operator_id
    hold_instead(booking, given, operator=change.operator_id)
    fields = {"instrument": instrument, **as_put(booking)}
    close(change, ChangeState.ACCEPTED, by=by)
    if booking.state == State.REQUESTED:
        turn(booking, State.CONFIRMED, decided_by=None, decided_at=now, **fields)
    else:
        write(booking, **fields)
    _tell_of_change(booking, "booking_change_accepted", by=by, change=change)
    return booking


@transaction.atomic
def refuse_change(booking: Booking, *, by: User, reason: str = "") -> Booking:
    """Say no to the change that waits, or withdraw one's own.

    The old booking stands; a request whose offer is refused is cancelled free of charge. The laboratory says why.
    """
    booking, _instrument, change = _waiting(booking, by, withdraws=True)
    by_lab = change.kind == ChangeKind.MOVE and not is_theirs(by, booking)
    reason = reason_given(reason, _("Say why, so that the requester can do better next time.")) if by_lab else ""
    own = _is_own(change, booking, by)
    _let_go(booking, change, ChangeState.WITHDRAWN if own else ChangeState.DECLINED, by=by, reason=reason)
    if not own:
        _tell_of_change(booking, "booking_change_declined", by=by, change=change)
    return booking


def expire_changes(*, now: datetime) -> int:
    """Let changes go that nobody answered in time; returns how many."""
    lapsed = Change.objects.lapsed(now).order_by("pk").values_list("booking", flat=True)[:200]
    return sum(_expire_change(booking, now=now) for booking in Booking.objects.filter(pk__in=list(lapsed)))


@transaction.atomic
def _expire_change(booking: Booking, *, now: datetime) -> int:
    booking, _instrument = locked_with_instrument(booking)
    change = waiting_change(booking)
    if change is None or change.expires_at > now:
        return 0
    _let_go(booking, change, ChangeState.EXPIRED, by=None)
    _tell_of_change(booking, "booking_change_declined", by=None, change=change)
    return 1


def refuse_move(booking: Booking, by: User, interval: Interval) -> None:
    """Raise what keeps a booking where it is, whatever the new time."""
    if not (is_theirs(by, booking) or may_decide(by, booking)):
        raise NotAllowed(_("Only who booked, or a lab admin, may change a booking."))
    refuse_if_held_for_another(booking)
    if booking.state not in MOVABLE:
        refuse_state(booking)
    if booking.interval == interval:
        raise Refused([NOTHING_CHANGES])
    if Change.objects.filter(booking=booking).waiting().exists():
        raise Refused([CHANGE_WAITS])


def _keep_overruled(booking: Booking, overruled: list[dict[str, str]], because: str) -> None:
    if overruled:
        write(booking, overruled=[*booking.overruled, *overruled], overruled_because=because[:500])


def _is_fine(booking: Booking, interval: Interval) -> bool:
    """Whether the requester said that this would do as well: as long, and not too much earlier or later."""
    slack = timedelta(minutes=booking.flexible_minutes)
    as_long = interval.length == booking.interval.length
    return as_long and abs(interval.start - booking.starts_at) <= slack


def _move_at_once(booking: Booking, given: Circumstances, *, by: User) -> Booking:
    was = booking.interval
    hold_instead(booking, given)
    due = {"expires_at": answer_due(booking.starts_at, given)} if booking.state == State.REQUESTED else {}
    write(booking, **as_put(booking), **due)
    if booking.state != State.DRAFT:
        deciders = deciders_of(booking)
        to = [each for each in [booking.user, *deciders] if each.pk != by.pk]
        report(booking, "booking_moved", to=to, kind="booking.changed", staff=deciders, was=was, by=by)
    return booking


def _waiting(booking: Booking, by: User, *, withdraws: bool = False) -> tuple[Booking, Instrument, Change]:
    """The booking, the instrument of its waiting change, and that change; whose turn it is, may answer."""
    if not (is_theirs(by, booking) or may_decide(by, booking)):
        raise NotAllowed(_("This change waits for somebody else's answer."))
    first = Change.objects.filter(booking=booking).waiting().select_related("instrument").first()
    if first is None:
        raise Refused([NOTHING_WAITS])
    booking, instrument = locked_with_instrument(booking, also=first.instrument)
    change = waiting_change(booking)
    if change is None:
        raise Refused([NOTHING_WAITS])
    answers = is_theirs(by, booking) if change.kind == ChangeKind.COUNTER else may_decide(by, booking)
    if not answers and not (withdraws and _is_own(change, booking, by)):
        raise NotAllowed(_("This change waits for somebody else's answer."))
    return booking, instrument, change


def _is_own(change: Change, booking: Booking, by: User) -> bool:
    """Whether the change was asked for from `by`'s own side."""
    return may_decide(by, booking) if change.kind == ChangeKind.COUNTER else is_theirs(by, booking)


def _let_go(booking: Booking, change: Change, state: ChangeState, *, by: User | None, reason: str = "") -> None:
    close(change, state, by=by, reason=reason)
    change.claims.all().delete()
    change.operator_claims.all().delete()
    refused_offer = change.kind == ChangeKind.COUNTER and state != ChangeState.WITHDRAWN
    if booking.state == State.REQUESTED and refused_offer:
        turn(booking, State.CANCELLED, cancelled_as=CancelledAs.EARLY, cancelled_at=timezone.now())
    elif booking.state == State.REQUESTED:
        write(booking, expires_at=max(booking.starts_at, timezone.now()))
    else:
        write(booking, reason=reason)


def _tell_of_change(booking: Booking, event: str, *, by: User | None, change: Change) -> None:
    withdraw(booking, events=["booking_offered", "booking_change_requested"])
    deciders = deciders_of(booking)
    to = [each for each in [booking.user, *deciders] if by is None or each.pk != by.pk]
    report(booking, event, to=to, kind="booking.changed", staff=deciders, change=change, by=by)
