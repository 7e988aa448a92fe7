"""What this room keeps of a person, and how their coming bookings are given back."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import (
    Booking,
    BookingEvent,
    Change,
    ChangeEvent,
    Closure,
    ClosureEvent,
    Fault,
    FaultEvent,
    Feed,
    Feedback,
    Operator,
    OperatorClaim,
    Training,
    TrainingEvent,
    TrainingRequest,
    UsageRecord,
)
from bookings.services.release import call_off
from bookings.services.turn import locked_with_instrument
from bookings.states import IS_COMING, CancelledAs, State
from common.errors import Refusal
from common.personal import BLANKED, CONTRACT, GONE, PROOF, Kept, history, in_office
from notifications.services import forget_told, forget_written

WORDS = {"title": "", "answers": [], "question": "", "external_ref": "", "overruled_because": ""}

PERSONAL = [
    Kept(Booking, ("user", "booked_by"), _("bookings"), at_erasure=BLANKED, blank=WORDS, because=CONTRACT),
    in_office(Booking, "operator", "decided_by"),
    history(BookingEvent, "user", "booked_by", **WORDS),
    in_office(BookingEvent, "operator", "decided_by"),
    Kept(
        Change, ("asked_by",), _("changes of bookings"), at_erasure=BLANKED, blank={"note": ""}, because=CONTRACT
    ),
    in_office(Change, "operator", "decided_by"),
    history(ChangeEvent, "asked_by", note=""),
    in_office(ChangeEvent, "operator", "decided_by"),
    Kept(Feedback, ("booking__user",), _("feedback"), at_erasure=BLANKED, blank={"text": ""}),
    Kept(Feed, ("owner",), _("calendars"), leave_out=("digest",), at_erasure=GONE),
    Kept(Training, ("user",), _("trainings"), because=PROOF),
    in_office(Training, "granted_by"),
    history(TrainingEvent, "user"),
    in_office(TrainingEvent, "granted_by"),
    Kept(TrainingRequest, ("user",), _("requests for training"), at_erasure=GONE),
    in_office(TrainingRequest, "decided_by"),
    Kept(
        UsageRecord, ("user",), _("records of use"), at_erasure=BLANKED,
        blank={"user_name": "", "note": "", "reason": ""}, because=CONTRACT,
    ),
    in_office(UsageRecord, "operator", "settled_by", "entered_by"),
    Kept(
        Fault, ("reported_by",), _("faults that you reported"),
        because=_("What was wrong with an instrument belongs to the instrument."),
    ),
    in_office(Fault, "mended_by"),
    history(FaultEvent, "reported_by"),
    in_office(FaultEvent, "mended_by"),
    in_office(Closure, "made_by"),
    in_office(ClosureEvent, "made_by"),
    Kept(Operator, ("user",), _("work as an operator"), because=PROOF),
    in_office(OperatorClaim, "operator"),
]  # fmt: skip

IN_USE = Refusal("in_use", _("You are checked in at an instrument: check out first."))


def objections_to_leaving(person: User) -> list[Refusal]:
    return [IN_USE] if Booking.objects.filter(user=person, state=State.IN_USE).exists() else []


@transaction.atomic
def leave(person: User) -> int:
    """Take away what others were told of their bookings, and give back those that have not begun; returns how many.

    In this order, after the account is closed: a laboratory hears of what is cancelled, and reads no name.
    """
    # Those that went to somebody else too: what was told of them then named this person.
    was_theirs = BookingEvent.objects.filter(user=person).values("pgh_obj")
    mine = list(Booking.objects.filter(Q(user=person) | Q(pk__in=was_theirs)).values_list("pk", flat=True))
    forget_told(mine)
    forget_written(mine)
    now, released = timezone.now(), 0
    coming = Booking.objects.filter(user=person, state__in=sorted(IS_COMING | {State.DRAFT}), held_for="")
    for each in list(coming.order_by("instrument_id", "starts_at")):
        booking, _instrument = locked_with_instrument(each)
        if booking.state in IS_COMING | {State.DRAFT} and booking.starts_at > now:
            call_off(booking, CancelledAs.EARLY, by=person, reason="")
            released += 1
    return released
