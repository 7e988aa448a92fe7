"""What requester and laboratory write to each other about a booking, and to everybody booked at some time."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from bookings.models import Booking, Feedback
from bookings.permissions import is_theirs, may_talk
from bookings.services.decide import reason_given
from bookings.services.news import deciders_of, others_than
from bookings.states import State
from common.db import violation_means
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.ids import new_id
from common.interval import Interval
from common.text import tidy
from instruments.models import Instrument
from instruments.permissions import runs
from notifications.models import Message
from notifications.services import messages_about, say, tell

FEEDBACK_GIVEN = Refusal("feedback_given", _("You have said already how it was. Thank you."))


@transaction.atomic
def write_to(booking: Booking, *, by: User, text: str) -> Message:
    """Say something in a booking's thread; the other side reads it by bell and mail."""
    if not may_talk(by, booking):
        raise NotAllowed(_("Only who booked, and the laboratory, write here."))
    parties = [booking.user, booking.booked_by, *deciders_of(booking)]
    return say(booking, by=by, text=text, to=others_than(by, parties))


def thread_of(booking: Booking) -> QuerySet[Message]:
    """What was said, the oldest first."""
    return messages_about(booking)


@transaction.atomic
def write_to_booked(instrument: Instrument, *, by: User, interval: Interval, text: str) -> int:
    """Write to everybody who has the instrument between two times; returns how many people."""
    if not runs(by, instrument.facility):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    text = reason_given(text, _("Write a message."), field="text", longest=4000)
    standing = Booking.objects.filter(instrument=instrument).held_in(interval).with_everything()
    people: dict[object, Booking] = {}
    for booking in standing.order_by("starts_at"):
        people.setdefault(booking.user_id, booking)
    if not people:
        raise WrongInput("text", "nobody", _("Nobody has booked it then: nothing was sent."))
    occasion = str(new_id())
    for booking in people.values():
        tell("message_to_booked", to=[booking.user], about=booking, occasion=occasion, by=by, text=text)
    return len(people)


@transaction.atomic
def give_feedback(booking: Booking, *, by: User, mark: int, text: str = "") -> Feedback:
    """Say after the use how it was, once."""
    if not is_theirs(by, booking):
        raise NotAllowed(_("Only who used it says how it was."))
    if booking.state != State.COMPLETED:
        raise Refused([Refusal("not_over", _("Feedback is asked for after the use."))])
    if not 1 <= mark <= 5:
        raise WrongInput("mark", "out_of_range", _("A mark is a number from 1 to 5."))
    with violation_means("bookings_feedback_booking_id_key", Refused([FEEDBACK_GIVEN])):
        return Feedback.objects.create(booking=booking, mark=mark, text=tidy(text)[:1000], created_at=timezone.now())
