from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import NO_OVERLAP, OPERATOR_FREE, Booking, Claim, OperatorClaim
from bookings.models.booking import ONE_DRAFT_PER_INSTRUMENT, TWO_DRAFTS
from bookings.permissions import may_book_for, may_finish
from bookings.rules import Circumstances, freest, is_hard, needs_decision, objections_to_booking
from bookings.services.address import NOT_FOR_OTHERS
from bookings.services.circumstances import circumstances_of
from bookings.services.lock import lock_with_terms
from bookings.services.look import alternatives_to
from bookings.services.news import deciders_of, report
from bookings.services.pay import hold_money
from bookings.services.turn import locked_with_instrument, refuse_if_held_for_another, refuse_state, turn, write
from bookings.states import ASKED_FOR, CancelledAs, Purpose, State
from common.db import violations_mean
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.interval import Interval
from common.text import tidy
from instruments.models import Instrument
from instruments.rules import answers_in_words, objections_to_answers, questions_of

DRAFT_HOLDS = timedelta(minutes=10)
DRAFTS_AT_ONCE = 2
LATE_ANSWER_WAIT = timedelta(hours=1)
SLOT_TAKEN = Refusal("slot_taken", _("Somebody else has just booked this time."), "start")
OPERATOR_TAKEN = Refusal("operator_taken", _("The operator has just been booked for this time."), "start")
DRAFT_LIVE = Refusal("draft_live", _("You are filling in a booking of this instrument already: send it or drop it."))
TOO_MANY_DRAFTS = Refusal(
    "too_many_drafts", _("You are filling in two bookings already: send or drop one of them first.")
)
REFERENCE_USED = Refusal("external_ref_used", _("This external_ref of yours belongs to another booking."))
DRAFT_OVER = Refusal("draft_over", _("The ten minutes are over and the time is free again. Choose it anew."))

RACES = {
    NO_OVERLAP: Refused([SLOT_TAKEN], alternatives=[]),
    OPERATOR_FREE: Refused([OPERATOR_TAKEN], alternatives=[]),
    ONE_DRAFT_PER_INSTRUMENT: Refused([DRAFT_LIVE]),
    TWO_DRAFTS: Refused([TOO_MANY_DRAFTS]),
    "booking_external_ref_once": Refused([REFERENCE_USED]),
}
FILLED_IN = [
    *("payer_id", "fund_code_id", "price", "hold_id"),
    *("state", "decided_at", "expires_at", "group_id", "assisted", "operator_id", "purpose", "title"),
    *("flexible_minutes", "external_ref", "answers", "no_show_at"),
]
PUT = ["starts_at", "ends_at", "assisted", "operator_id", "no_show_at", "payer_id", "fund_code_id", "price", "hold_id"]


class Said(TypedDict, total=False):
    """What a requester says beside the time."""

    purpose: str
    title: str
    answers: Mapping[str, Any]
    group: UUID | None
    flexible_minutes: int
    assisted: bool
    operator: UUID | None
    external_ref: str
    payer: UUID | None
    fund_code: UUID | None


@transaction.atomic
def book(
    slug: str,
    *,
    by: User,
    interval: Interval,
    on_behalf_of: User | None = None,
    draft: bool = False,
    overrule_because: str = "",
    held_for: str = "",
    **said: Unpack[Said],
) -> Booking:
    """Hold time of the instrument `slug`, or raise every reason why not.

    A `draft` holds it for ten minutes. The laboratory's own people may set soft objections aside when they say why.
    When the time is taken, the nearest free times come along. Raises Instrument.DoesNotExist for what `by` may not
    see, NotAllowed when they may not book for `on_behalf_of`, and WrongInput for a purpose that cannot be asked for.
    The instrument is found and locked in one statement, hence the slug.
    """
    now = timezone.now()
    _refuse_purpose(said.get("purpose", Purpose.RESEARCH))
    # One at a time per instrument: two inserts racing into an exclusion constraint can deadlock.
    instrument = lock_with_terms(slug, by=by, now=now)
    user = on_behalf_of or by
    if user.pk != by.pk and not may_book_for(by, user, instrument.facility):
        raise NotAllowed(NOT_FOR_OTHERS)
    wish = wish_in(said)
    given = circumstances_of(instrument, user=user, by=by, interval=interval, now=now, is_sold=not held_for, **wish)
    refusals = objections_to_booking(given)
    refusals += _objections_to_draft(user, instrument) if draft else objections_to_said(instrument, said)
    overruled = refuse_or_overrule(instrument, given, refusals, because=tidy(overrule_because))
    booking = Booking(
        instrument=instrument,
        user=user,
        booked_by=by,
        state=State.DRAFT,
        expires_at=now + DRAFT_HOLDS,
        draft_slot=_free_slot(user) if draft else None,
        overruled=overruled,
        overruled_because=tidy(overrule_because)[:500] if overruled else "",
        held_for=held_for,
    )
    _fill_in(booking, given, said)
    if not draft:
        _send(booking, given)
    hold_money(booking, given)
    with violations_mean(RACES):
        booking.save(force_insert=True)
        hold(booking, given)
    if not draft:
        _tell_of(booking)
    return booking


@transaction.atomic
def submit(booking: Booking, *, by: User, **said: Unpack[Said]) -> Booking:
    """Send a draft: its time becomes a request, or is confirmed at once where no approval is needed."""
    booking, instrument = _live_draft(booking, by)
    _refuse_purpose(said.get("purpose", booking.purpose))
    wish = {"group": booking.group_id, "assisted": booking.assisted, "operator": booking.operator_id, **wish_in(said)}
    given = circumstances_of(
        instrument, user=booking.user, by=by, interval=booking.interval, now=timezone.now(), moved=booking, **wish
    )
    refusals = [*objections_to_booking(given), *objections_to_said(instrument, said)]
    set_aside = {each["code"] for each in booking.overruled}
    refuse_or_overrule(instrument, given, [each for each in refusals if each.code not in set_aside], because="")
    booking.operator_claims.all().delete()
    _fill_in(booking, given, said)
    _send(booking, given)
    hold_money(booking, given)
    with violations_mean(RACES):
        claim_operator(booking)
        write(booking, draft_slot=None, **{name: getattr(booking, name) for name in FILLED_IN})
    _tell_of(booking)
    return booking


@transaction.atomic
def drop(booking: Booking, *, by: User) -> Booking:
    """Give up a draft: its time is free again, and nobody is told."""
    booking, _instrument = _live_draft(booking, by)
    dropped = {"never_sent": True, "cancelled_as": CancelledAs.EARLY, "cancelled_at": timezone.now()}
    return turn(booking, State.CANCELLED, **dropped)


BEARS_ON_RULES = {"group", "assisted", "operator", "payer", "fund_code"}


def wish_in(said: Said) -> dict[str, Any]:
    """What of it bears on the rules, as far as it was said."""
    return {name: value for name, value in said.items() if name in BEARS_ON_RULES}


def _live_draft(booking: Booking, by: User) -> tuple[Booking, Instrument]:
    """The draft and its instrument, locked; raises when it is not theirs or no draft any more."""
    booking, instrument = locked_with_instrument(booking)
    if not may_finish(by, booking):
        raise NotAllowed(_("This is somebody else's draft."))
    refuse_if_held_for_another(booking)
    if booking.state == State.EXPIRED:
        raise Refused([DRAFT_OVER])
    if booking.state != State.DRAFT:
        refuse_state(booking)
    return booking, instrument


def _refuse_purpose(purpose: str) -> None:
    if purpose not in ASKED_FOR:
        raise WrongInput("purpose", "invalid", _("This is no purpose that can be chosen here."))


def objections_to_said(instrument: Instrument, said: Said) -> list[Refusal]:
    return objections_to_answers(questions_of(instrument.questions), said.get("answers") or {})


def _objections_to_draft(user: User, instrument: Instrument) -> list[Refusal]:
    live = list(Booking.objects.drafts_of(user))
    if any(each.instrument_id == instrument.pk for each in live):
        return [DRAFT_LIVE]
    return [TOO_MANY_DRAFTS] if len(live) >= DRAFTS_AT_ONCE else []


def _free_slot(user: User) -> int:
    """Which of the two places for drafts is free; of two at once the constraint lets one have it."""
    used = {each.draft_slot for each in Booking.objects.drafts_of(user)}
    return min({1, 2} - used, default=1)


def refuse_or_overrule(
    instrument: Instrument, given: Circumstances, refusals: list[Refusal], *, because: str
) -> list[dict[str, str]]:
    """What staff set aside, as {code, detail}; raises Refused for what is left, with the nearest free times."""
    if left := not_set_aside(given, refusals, because=because):
        raise Refused(left, alternatives=partial(alternatives_for, instrument, given, left))
    return [{"code": each.code, "detail": tidy(str(each.detail))} for each in refusals]


def not_set_aside(given: Circumstances, refusals: list[Refusal], *, because: str) -> list[Refusal]:
    """What still stands when the laboratory's own people say why they set the rest aside."""
    may_overrule = given.by_staff and bool(because)
    return [each for each in refusals if is_hard(each) or not may_overrule]


def alternatives_for(instrument: Instrument, given: Circumstances, refusals: list[Refusal]) -> list[dict[str, Any]]:
    """The nearest free times, where the time is taken."""
    if not any(refusal.code in {SLOT_TAKEN.code, "no_operator_free"} for refusal in refusals):
        return []
    wish = {"terms": given.terms, "now": given.now, "asks_as": given.asks_as}
    found = alternatives_to(given.interval, instrument=instrument, **wish)  # type: ignore[arg-type]
    return [
        {
            "instrument": each.instrument.slug,
            "start": timezone.localtime(each.interval.start),
            "end": timezone.localtime(each.interval.end),
        }
        for each in found
    ]


def _fill_in(booking: Booking, given: Circumstances, said: Said) -> None:
    """Put what was said into the booking; what was not said stays."""
    booking.group_id, booking.assisted = given.group_id, given.assisted
    put(booking, given)
    booking.purpose = said.get("purpose", booking.purpose)
    booking.title = tidy(said.get("title", booking.title))[:120]
    booking.flexible_minutes = said.get("flexible_minutes", booking.flexible_minutes)
    booking.external_ref = said.get("external_ref", booking.external_ref)
    if "answers" in said:
        booking.answers = answers_in_words(questions_of(booking.instrument.questions), said["answers"] or {})


def put(booking: Booking, given: Circumstances, *, operator: UUID | None = None) -> None:
    """Give the booking the time of `given`, an operator (else who is freest then), and when it becomes a no-show."""
    terms, interval = given.terms, given.interval
    booking.starts_at, booking.ends_at = interval.start, interval.end
    booking.assisted = given.assisted
    booking.operator_id = operator or freest(given.operators or (), interval, wanted=given.wanted_operator)
    booking.no_show_at = min(interval.start + terms.grace, interval.end) if terms.asks_check_in else None


def _send(booking: Booking, given: Circumstances) -> None:
    """What a wish becomes: a request that waits for an answer, or a confirmed booking."""
    waits = needs_decision(given)
    booking.state = State.REQUESTED if waits else State.CONFIRMED
    booking.decided_at = None if waits else given.now
    booking.expires_at = answer_due(given.interval.start, given) if waits else None


def answer_due(start: datetime, given: Circumstances) -> datetime:
    """When a request lapses: when its time begins, or sooner by policy. What has begun already waits an hour."""
    deadlines = [start] if start > given.now else [given.now + LATE_ANSWER_WAIT]
    if given.terms.decide_within:
        deadlines.append(given.now + given.terms.decide_within)
    return min(deadlines)


def hold(booking: Booking, given: Circumstances) -> None:
    """Claim the time of `given` for a booking that is written: the constraints judge what no rule could foresee."""
    held = given.terms.held_for(given.interval)
    Claim.objects.create(booking=booking, instrument=booking.instrument, starts_at=held.start, ends_at=held.end)
    claim_operator(booking)


def claim_operator(booking: Booking) -> None:
    """Hold the booked time of its operator too, where it has one."""
    if booking.operator_id:
        times = {"starts_at": booking.starts_at, "ends_at": booking.ends_at}
        OperatorClaim.objects.create(booking=booking, operator_id=booking.operator_id, **times)


def _tell_of(booking: Booking) -> None:
    """Whoever must decide hears of a request; who booked without approval gets it in writing."""
    deciders = deciders_of(booking)
    if booking.state == State.CONFIRMED:
        report(booking, "booking_confirmed", to=[booking.user], kind="booking.confirmed", staff=deciders)
    else:
        report(booking, "booking_requested", to=deciders, kind="booking.requested", staff=deciders)
