"""What customer and laboratory write to each other."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import NotAllowed
from notifications.models import Message
from notifications.services import messages_about, say
from orders.models import Order, Request
from orders.permissions import is_customer_of, may_talk
from orders.services.news import customers_of, lab_of, others_than


@transaction.atomic
def write_about(thing: Order, *, by: User, text: str) -> Message:
    """Say something in an order's thread; the other side reads it by bell and mail."""
    if not may_talk(by, thing):
        raise NotAllowed(_("Only whose order it is, and the laboratory, write here."))
    return say(thing, by=by, text=text, to=others_than(by, [*customers_of(thing), *lab_of(thing.facility)]))


@transaction.atomic
def write_about_request(request: Request, *, by: User, text: str) -> Message:
    """The customer's word to every laboratory that was asked."""
    if not is_customer_of(by, request):
        raise NotAllowed(_("Only who asked, and their firm or group, may do this."))
    asked = request.enquiries.select_related("facility__organisation")
    people = [each for enquiry in asked for each in lab_of(enquiry.facility)]
    return say(request, by=by, text=text, to=others_than(by, people))


def thread_of(thing: Order | Request) -> QuerySet[Message]:
    """What was said, the oldest first."""
    return messages_about(thing)
