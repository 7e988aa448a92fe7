from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import NO_OVERLAP, Booking, Claim
from bookings.rules import Circumstances, objections_to_booking
from bookings.services.gather import circumstances_of, with_terms
from bookings.services.look import alternatives_to
from bookings.states import ASKED_FOR, Purpose, State
from common.db import violation_means
from common.errors import Refusal, Refused, WrongInput
from common.interval import Interval
from common.text import tidy
from instruments.models import FacilityRole, Instrument
from instruments.rules import answers_in_words, objections_to_answers, questions_of
from notifications.services import tell

SLOT_TAKEN = Refusal("slot_taken", _("Somebody else has just booked this time."), "start")


@transaction.atomic
def book(
    slug: str,
    *,
    by: User,
    interval: Interval,
    purpose: str = Purpose.RESEARCH,
    title: str = "",
    answers: Mapping[str, Any] | None = None,
) -> Booking:
    """Hold time of the instrument `slug` for `by`, or raise every reason why not.

    When it is taken, the nearest free times come along. Raises Instrument.DoesNotExist for what `by` may not see, and
    WrongInput for a purpose that cannot be asked for. The instrument is found and locked in one statement, hence
    the slug.
    """
    if purpose not in ASKED_FOR:
        raise WrongInput("purpose", "invalid", _("This is no purpose that can be chosen here."))
    # One at a time per instrument: two inserts racing into an exclusion constraint can deadlock.
    instrument = with_terms(Instrument.objects.visible_to(by)).lock(slug)
    given = circumstances_of(instrument, user=by, interval=interval, now=timezone.now())
    questions = questions_of(instrument.questions)
    refusals = [*objections_to_booking(given), *objections_to_answers(questions, answers or {})]
    if refusals:
        raise Refused(refusals, alternatives=_alternatives(instrument, given, refusals))
    with violation_means(NO_OVERLAP, Refused([SLOT_TAKEN], alternatives=[])):
        kept = answers_in_words(questions, answers or {})
        booking = _hold(instrument, given, by=by, purpose=purpose, title=tidy(title), answers=kept)
    _tell_of(booking)
    return booking


def _alternatives(instrument: Instrument, given: Circumstances, refusals: list[Refusal]) -> list[dict[str, Any]]:
    if not any(refusal.code == SLOT_TAKEN.code for refusal in refusals):
        return []
    free = alternatives_to(given.interval, instrument=instrument, terms=given.terms, now=given.now)
    return [{"instrument": instrument.slug, "start": each.start, "end": each.end} for each in free]


def _hold(instrument: Instrument, given: Circumstances, *, by: User, **fields: Any) -> Booking:
    """Write the booking and its claim; who runs the instrument, or needs no approval, has it at once."""
    at_once = given.runs_it or not given.terms.needs_approval
    booking = Booking(
        instrument=instrument,
        user=by,
        booked_by=by,
        starts_at=given.interval.start,
        ends_at=given.interval.end,
        state=State.CONFIRMED if at_once else State.REQUESTED,
        decided_at=given.now if at_once else None,
        **fields,
    )
    booking.save(force_insert=True)
    held = given.terms.held_for(given.interval)
    Claim.objects.create(booking=booking, instrument=instrument, starts_at=held.start, ends_at=held.end)
    return booking


def _tell_of(booking: Booking) -> None:
    """Whoever must decide hears of a request; who booked without approval gets it in writing."""
    if booking.state == State.CONFIRMED:
        tell("booking_confirmed", to=[booking.user], about=booking)
        return
    deciders = FacilityRole.objects.deciders(booking.instrument.facility, timezone.localdate())
    tell("booking_requested", to=deciders, about=booking)


def objections_to(
    instrument: Instrument, *, by: User, interval: Interval, answers: Mapping[str, Any] | None = None
) -> list[Refusal]:
    """What `book` would object to now; nothing is locked or written."""
    found = with_terms(Instrument.objects.all()).get(pk=instrument.pk)
    given = circumstances_of(found, user=by, interval=interval, now=timezone.now())
    asked = objections_to_answers(questions_of(found.questions), answers) if answers is not None else []
    return [*objections_to_booking(given), *asked]
