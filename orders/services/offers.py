"""Answering a request: an offer, a question, a no; accepting one offer, letting old ones lapse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rules import objections_to_firm
from accounts.services import standing_of
from billing.pricing import Price, unborne
from billing.states import PayWhen
from common.db import violations_mean
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from notifications.states import EventKind
from orders.models import ONE_ACCEPTED, ONE_OPEN, ONE_ORDER, Enquiry, Offer, Order
from orders.pdf import agreement
from orders.permissions import may_accept, may_offer
from orders.rules import Line, objections_to_acceptance, objections_to_lines, objections_to_offer
from orders.rules.offering import VALID_FOR
from orders.services.money import hold_for, priced
from orders.services.news import broadcast_request, customers_of, lab_of, report, report_request
from orders.services.placing import with_samples
from orders.services.turn import locked_request, refuse_unless, turn_request, write_request
from orders.states import OPEN_REQUEST, AnswerState, OfferState, OrderState, RequestState
from records.services import keep_document

TAKEN = Refused([Refusal("already_accepted", gettext_lazy("An offer for this request is accepted already."))])
MADE_TWICE = Refused(
    [Refusal("offered_twice", gettext_lazy("Somebody of your laboratory has just made an offer. Look at it."))]
)


@transaction.atomic
def make_offer(
    enquiry: Enquiry,
    *,
    by: User,
    lines: Sequence[Line],
    results_by: date,
    standard: str = "",
    accreditation: str = "",
    leaves_out: str = "",
    note: str = "",
    pay_when: str = PayWhen.AFTER_CONFIRMATION,
) -> Offer:
    """Say what the laboratory would do for how much; it stands for 30 days and replaces what it offered before."""
    enquiry = _to_be_answered(enquiry, by)
    refuse_if([*objections_to_lines(lines), *objections_to_offer(results_by=results_by, on=timezone.localdate())])
    if pay_when not in {PayWhen.AFTER_CONFIRMATION, PayWhen.BEFORE_RESULTS}:
        raise WrongInput("pay_when", "invalid", _("Choose from the list."))
    price = priced(lines, facility=enquiry.facility, request=enquiry.request)
    before = enquiry.offers.order_by("-number").first()
    enquiry.offers.open().update(state=OfferState.SUPERSEDED)
    now = timezone.now()
    with violations_mean({ONE_OPEN: MADE_TWICE, "offer_version": MADE_TWICE}):
        offer = Offer.objects.create(
            enquiry=enquiry,
            request=enquiry.request,
            number=before.number + 1 if before else 1,
            price=price.as_json(),
            to_pay=price.to_pay,
            results_by=results_by,
            standard=tidy(standard)[:200],
            accreditation=tidy(accreditation)[:200],
            leaves_out=tidy(leaves_out)[:500],
            note=tidy(note)[:1000],
            pay_when=pay_when,
            offered_by=by,
            created_at=now,
            expires_at=now + VALID_FOR,
        )
    _answered(enquiry, AnswerState.PARTLY if offer.leaves_out else AnswerState.FEASIBLE, by=by)
    if enquiry.request.state == RequestState.OFFERED:
        write_request(enquiry.request)
    else:
        turn_request(enquiry.request, RequestState.OFFERED)
    to = customers_of(enquiry.request)
    report_request(enquiry.request, "request_offered", to=to, by=by, facility=enquiry.facility, offer=offer)
    broadcast_request(enquiry.request, EventKind.REQUEST_OFFERED, [enquiry.facility])
    return offer


@transaction.atomic
def take_back(offer: Offer, *, by: User) -> Offer:
    """The laboratory takes an offer back that nobody has accepted."""
    enquiry = _to_be_answered(offer.enquiry, by)
    if not enquiry.offers.open().filter(pk=offer.pk).update(state=OfferState.WITHDRAWN):
        raise Refused([Refusal("offer_not_open", _("This offer does not stand any more."))])
    _answered(enquiry, AnswerState.WAITING, by=by)
    if not enquiry.request.offers.open().exists():
        turn_request(enquiry.request, RequestState.SUBMITTED)
    report_request(
        enquiry.request, "offer_taken_back", to=customers_of(enquiry.request), by=by, facility=enquiry.facility
    )
    return offer


@transaction.atomic
def ask_customer(enquiry: Enquiry, *, by: User, question: str) -> Enquiry:
    """The laboratory must know more before it can answer."""
    enquiry = _to_be_answered(enquiry, by)
    question = _words(question, "question", _("Write what you want to know."))
    _answered(enquiry, AnswerState.ASKED, by=by, note=question)
    write_request(enquiry.request)
    to = customers_of(enquiry.request)
    report_request(enquiry.request, "request_question", to=to, by=by, facility=enquiry.facility, question=question)
    return enquiry


@transaction.atomic
def cannot(enquiry: Enquiry, *, by: User, reason: str) -> Enquiry:
    """The laboratory cannot do it, and says why; when nobody can, the request says so."""
    enquiry = _to_be_answered(enquiry, by)
    reason = _words(reason, "reason", _("Say why, so that the customer can look elsewhere."))
    enquiry.offers.open().update(state=OfferState.WITHDRAWN)
    _answered(enquiry, AnswerState.INFEASIBLE, by=by, note=reason)
    request = enquiry.request
    if not request.enquiries.exclude(state=AnswerState.INFEASIBLE).exists():
        turn_request(request, RequestState.INFEASIBLE)
    elif request.state == RequestState.OFFERED and not request.offers.open().exists():
        turn_request(request, RequestState.SUBMITTED)
    else:
        write_request(request)
    report_request(
        request, "request_infeasible", to=customers_of(request), by=by, facility=enquiry.facility, reason=reason
    )
    return enquiry


def _words(text: str, field: str, sentence: str) -> str:
    words = tidy(text)
    if not words:
        raise WrongInput(field, "required", sentence)
    if len(words) > 1000:
        raise WrongInput(field, "too_long", _("At most %(n)s characters.") % {"n": 1000})
    return words


def _to_be_answered(enquiry: Enquiry, by: User) -> Enquiry:
    """The enquiry with its request locked; a laboratory answers for itself alone."""
    request = locked_request(enquiry.request)
    enquiry = Enquiry.objects.select_related("facility__organisation").get(pk=enquiry.pk)
    if not may_offer(by, enquiry.facility):
        raise NotAllowed(_("Only a lab admin of the laboratory that was asked answers for it."))
    refuse_unless(request, *OPEN_REQUEST)
    enquiry.request = request
    return enquiry


def _answered(enquiry: Enquiry, state: AnswerState, *, by: User, note: str = "") -> None:
    enquiry.state, enquiry.note, enquiry.answered_by, enquiry.answered_at = state, note, by, timezone.now()
    enquiry.save(update_fields=["state", "note", "answered_by", "answered_at"])


@transaction.atomic
def accept(offer: Offer, *, by: User, at_full_price: bool = False) -> Order:
    """Say yes to one offer: the agreement is kept with its checksum, the order is there, the others are passed over.

    A fund's share in it is reserved now; `at_full_price` does without, for when the fund has been used up meanwhile.
    Refused for a firm that is not verified, an offer that is too old, a fund that is used up (`scheme_spent`), and
    when another was accepted; of two at once one wins.
    """
    # The request's lock is for manners, `offer_one_accepted` and `order_one_of_request` are for truth.
    request = locked_request(offer.request)
    if not may_accept(by, request):
        raise NotAllowed(_("Only an admin or finance officer of the firm accepts offers for it."))
    offer = Offer.objects.with_everything().get(pk=offer.pk)
    now = timezone.now()
    refuse_if([*_of_firm(request, now), *_of_offer(offer, request, now)])
    if at_full_price:
        price = unborne(Price.from_json(offer.price))
        offer.price, offer.to_pay = price.as_json(), price.to_pay
    signed = keep_document(agreement(offer, by=by, at=now), by=by, name=f"agreement-{offer.pk.hex[-6:]}.pdf")
    with violations_mean({ONE_ACCEPTED: TAKEN, ONE_ORDER: TAKEN, "orders_order_offer_id_key": TAKEN}):
        offer.state, offer.accepted_by, offer.accepted_at = OfferState.ACCEPTED, by, now
        offer.agreement, offer.agreement_sha256 = signed, signed.sha256
        offer.save(
            update_fields=["state", "accepted_by", "accepted_at", "agreement", "agreement_sha256", "price", "to_pay"]
        )
        order = _order_from(offer, request, by)
    request.offers.open().update(state=OfferState.PASSED_OVER)
    turn_request(request, RequestState.ACCEPTED)
    hold_for(order, by=by)
    _tell_the_others(request, offer, by)
    report(order, by=by, kind=EventKind.ORDER_PLACED)
    return order


def _of_firm(request: Any, now: datetime) -> list[Refusal]:
    if request.organisation is None:
        return []
    return objections_to_firm(standing_of(request.organisation, on=timezone.localdate(now)))


def _of_offer(offer: Offer, request: Any, now: datetime) -> list[Refusal]:
    taken = request.state == RequestState.ACCEPTED
    return objections_to_acceptance(state=offer.state, expires_at=offer.expires_at, taken=taken, now=now)


def _order_from(offer: Offer, request: Any, by: User) -> Order:
    order = Order.objects.create(
        facility=offer.enquiry.facility,
        request=request,
        offer=offer,
        test_item=request.test_item,
        instrument=request.instrument,
        ordered_by=request.asked_by,
        organisation=request.organisation,
        group=request.group,
        state=OrderState.ACCEPTED,
        title=" ".join(request.problem.split())[:120],
        hazard=request.hazard,
        delivery=request.delivery,
        sample_after=request.sample_after,
        price=offer.price,
        pay_when=offer.pay_when,
        results_by=offer.results_by,
    )
    order.steps.create(state=OrderState.ACCEPTED, by=by, at=order.created_at)
    return with_samples(order, [request.sample_kind[:80]] * (request.sample_count or 1))


def _tell_the_others(request: Any, offer: Offer, by: User) -> None:
    others = request.enquiries.exclude(pk=offer.enquiry_id).exclude(state=AnswerState.INFEASIBLE)
    for enquiry in others.select_related("facility__organisation"):
        report_request(request, "offer_passed_over", to=lab_of(enquiry.facility), by=by, facility=enquiry.facility)


def lapse_offers(*, now: datetime) -> int:
    """Let offers lapse whose time is over, and tell both sides; returns how many. Any number may do it at once."""
    return sum(_lapse(offer, now) for offer in Offer.objects.due(now).select_related("request")[:200])


@transaction.atomic
def _lapse(offer: Offer, now: datetime) -> bool:
    request = locked_request(offer.request)
    if not Offer.objects.due(now).filter(pk=offer.pk).update(state=OfferState.LAPSED):
        return False
    if request.state == RequestState.OFFERED and not request.offers.open().exists():
        turn_request(request, RequestState.LAPSED)
    facility = Enquiry.objects.select_related("facility__organisation").get(pk=offer.enquiry_id).facility
    to = [*customers_of(request), *lab_of(facility)]
    report_request(request, "offer_lapsed", to=to, by=None, facility=facility, occasion=f"lapsed {offer.pk}")
    return True
