"""What this room keeps of a person, and how their requests are taken back."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.errors import Refusal
from common.personal import BLANKED, CONTRACT, REDACTED, Kept, history, in_office
from notifications.services import forget_told, forget_written
from orders.models import (
    Custody,
    Enquiry,
    Offer,
    OfferEvent,
    Order,
    OrderEvent,
    OrderStep,
    Request,
    RequestEvent,
    Result,
)
from orders.services.requests import withdraw
from orders.states import IS_OVER, OPEN_REQUEST, RequestState

OF_ONESELF = {"organisation": None, "group": None}  # a firm's or a group's request is theirs
WORDS = {"problem": REDACTED, "wanted": "", "sample_kind": "", "hazard": ""}

PERSONAL = [
    Kept(
        Request, ("asked_by",), _("requests"), at_erasure=BLANKED, blank={"contact": ""}, because=CONTRACT
    ),
    Kept(
        Request, ("asked_by",), given=False, at_erasure=BLANKED, blank=WORDS, when=OF_ONESELF,
        because=_("Given above; the words of who asked for themselves go too."),
    ),
    history(RequestEvent, "asked_by", contact="", **WORDS),
    in_office(Enquiry, "answered_by"),
    in_office(Offer, "offered_by"),
    in_office(OfferEvent, "offered_by"),
    Kept(Offer, ("accepted_by",), _("offers that you accepted"), because=CONTRACT),
    history(OfferEvent, "accepted_by"),
    Kept(
        Order, ("ordered_by",), _("orders"), at_erasure=BLANKED, blank={"note": "", "answers": []}, because=CONTRACT
    ),
    history(OrderEvent, "ordered_by", note="", answers=[]),
    Kept(OrderStep, ("by",), _("steps of orders"), because=CONTRACT),
    in_office(Custody, "by"),
    in_office(Result, "added_by"),
]  # fmt: skip

AT_WORK = Refusal("order_open", _("An order of yours is not over yet."))


def objections_to_leaving(person: User) -> list[Refusal]:
    """Orders that a laboratory works on."""
    return [AT_WORK] if Order.objects.filter(ordered_by=person).exclude(state__in=sorted(IS_OVER)).exists() else []


@transaction.atomic
def leave(person: User) -> int:
    """Take away what others were told of their requests and orders, withdraw what is open; returns how many."""
    requests = list(Request.objects.filter(asked_by=person))
    subjects = [each.pk for each in requests]
    subjects += Order.objects.filter(ordered_by=person).values_list("pk", flat=True)
    forget_told(subjects)
    forget_written(subjects)
    is_open = {RequestState.DRAFT, *OPEN_REQUEST}
    return len([withdraw(each, by=person) for each in requests if each.state in is_open])
