"""What a laboratory does with an order, and what its customer says to it."""

from __future__ import annotations

from datetime import date
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.services import working_days_after
from billing.states import PayWhen
from common.errors import NotAllowed, Refusal, Refused, WrongInput, refuse_if
from common.text import tidy
from orders.models import Order
from orders.permissions import is_customer, may_decide, may_work
from orders.rules import objections_to_offer
from orders.services.money import charge_for, give_back, is_paid, let_go
from orders.services.news import report
from orders.services.turn import locked_order, refuse_unless, turn, write
from orders.states import Delivery, OrderState, SampleState

CONFIRM_WITHIN: Final = 10  # working days; silence is a yes
AT_ONCE: Final = 200
NOTHING_HERE = Refusal("no_sample_received", gettext_lazy("No sample was received yet: note its receipt first."))
NO_RESULT = Refusal("no_result", gettext_lazy("Hand in at least one file with results first."))
NOT_PAID = Refusal(
    "not_paid", gettext_lazy("By agreement these results are released when they are paid, and they are not yet.")
)
STILL_HERE = Refusal("samples_here", gettext_lazy("Samples are still here: send them back or dispose of them first."))


@transaction.atomic
def schedule(order: Order, *, by: User, results_by: date | None = None, note: str = "") -> Order:
    """The laboratory takes the order on, and says by when the results will be there."""
    order = _of_lab(order, by, deciding=True)
    refuse_unless(order, OrderState.SUBMITTED, OrderState.ACCEPTED)
    results_by = results_by or order.results_by
    if results_by is None:
        raise WrongInput("results_by", "required", _("Say by when the results will be there."))
    refuse_if(objections_to_offer(results_by=results_by, on=timezone.localdate()))
    turn(order, OrderState.SCHEDULED, by=by, note=tidy(note), results_by=results_by)
    report(order, by=by, note=tidy(note))
    return order


@transaction.atomic
def send_back(order: Order, *, by: User, question: str) -> Order:
    """The laboratory must know more before it takes the order on."""
    order = _of_lab(order, by, deciding=True)
    question = _needed(question, "question", _("Write what you want to know."))
    turn(order, OrderState.RETURNED, by=by, note=question)
    report(order, by=by, note=question)
    return order


@transaction.atomic
def answer_back(order: Order, *, by: User, text: str) -> Order:
    """The customer answers; the laboratory decides next."""
    order = _of_customer(order, by)
    refuse_unless(order, OrderState.RETURNED)
    text = _needed(text, "text", _("Write an answer."))
    turn(order, OrderState.SUBMITTED, by=by, note=text)
    report(order, by=by, note=text)
    return order


@transaction.atomic
def refuse_order(order: Order, *, by: User, reason: str) -> Order:
    """The laboratory cannot do it, and says why; what was held is free again."""
    order = _of_lab(order, by, deciding=True)
    reason = _needed(reason, "reason", _("Say why, so that the customer can look elsewhere."))
    turn(order, OrderState.INFEASIBLE, by=by, note=reason)
    let_go(order)
    report(order, by=by, note=reason)
    return order


@transaction.atomic
def withdraw_order(order: Order, *, by: User, reason: str = "") -> Order:
    """The customer wants it no more; possible until the work begins, and free of charge."""
    order = _of_customer(order, by)
    turn(order, OrderState.WITHDRAWN, by=by, note=tidy(reason))
    let_go(order)
    report(order, by=by, note=tidy(reason))
    return order


@transaction.atomic
def start(order: Order, *, by: User) -> Order:
    """The work begins; from now on the order cannot be withdrawn."""
    order = _of_lab(order, by)
    refuse_unless(order, OrderState.SCHEDULED)
    if order.delivery != Delivery.ON_SITE and not order.samples.exclude(state=SampleState.EXPECTED).exists():
        raise Refused([NOTHING_HERE])
    turn(order, OrderState.IN_WORK, by=by)
    report(order, by=by)
    return order


@transaction.atomic
def ready(order: Order, *, by: User, note: str = "") -> Order:
    """The results are there; the customer sees them when they are released.

    Where they are paid first, what they cost is charged now, so that it can be paid.
    """
    order = _of_lab(order, by)
    refuse_unless(order, OrderState.IN_WORK)
    if not order.results.filter(released_at=None).exists():
        raise Refused([NO_RESULT])
    turn(order, OrderState.RESULTS_READY, by=by, note=tidy(note))
    if _is_paid_first(order) and order.charge_id is None:
        _charge(order, by=by)
    report(order, by=by, note=tidy(note))
    return order


def _is_paid_first(order: Order) -> bool:
    return order.pay_when in {PayWhen.BEFORE_WORK, PayWhen.BEFORE_RESULTS}


@transaction.atomic
def release(order: Order, *, by: User) -> Order:
    """Let the customer have the results: from now on they never change, and ten working days run to object."""
    order = _of_lab(order, by, deciding=True)
    refuse_unless(order, OrderState.RESULTS_READY)
    if _is_paid_first(order) and not is_paid(order):
        raise Refused([NOT_PAID])
    now = timezone.now()
    order.results.filter(released_at=None).update(released_at=now)
    confirm_by = working_days_after(timezone.localdate(now), CONFIRM_WITHIN)
    turn(order, OrderState.RESULTS_RELEASED, by=by, confirm_by=confirm_by)
    report(order, by=by)
    return order


@transaction.atomic
def confirm(order: Order, *, by: User) -> Order:
    """The customer is content; what it costs is charged in the same transaction."""
    order = _of_customer(order, by)
    refuse_unless(order, OrderState.RESULTS_RELEASED)
    return _confirm(order, by=by)


def _confirm(order: Order, *, by: User | None, note: str = "") -> Order:
    turn(order, OrderState.CONFIRMED, by=by, note=note, confirm_by=None)
    if order.charge_id is None:
        _charge(order, by=by)
    report(order, by=by, note=note)
    return order


def _charge(order: Order, *, by: User | None) -> None:
    charge = charge_for(order, by=by, used_on=timezone.localdate())
    if charge is not None:
        write(order, charge=charge)


@transaction.atomic
def dispute(order: Order, *, by: User, reason: str) -> Order:
    """The customer objects to the results; nothing is charged and no time runs until it is settled."""
    order = _of_customer(order, by)
    reason = _needed(reason, "reason", _("Say what is wrong with the results."))
    turn(order, OrderState.DISPUTED, by=by, note=reason, confirm_by=None)
    report(order, by=by, note=reason)
    return order


@transaction.atomic
def settle(order: Order, *, by: User, outcome: str, note: str) -> Order:
    """The laboratory answers an objection: `again` (the work is done again), `stands`, or `dropped` (no charge)."""
    order = _of_lab(order, by, deciding=True)
    refuse_unless(order, OrderState.DISPUTED)
    note = _needed(note, "note", _("Say why, so that the customer can follow it."))
    if outcome == "stands":
        return _confirm(order, by=by, note=note)
    if outcome == "again":
        turn(order, OrderState.IN_WORK, by=by, note=note)
    elif outcome == "dropped":
        turn(order, OrderState.CLOSED, by=by, note=note)
        give_back(order, by=by, reason=note)
    else:
        raise WrongInput("outcome", "invalid", _("Choose from the list."))
    report(order, by=by, note=note)
    return order


@transaction.atomic
def close(order: Order, *, by: User) -> Order:
    """Nothing is left to do: results confirmed, no sample here any more."""
    order = _of_lab(order, by)
    refuse_unless(order, OrderState.CONFIRMED)
    if order.samples.filter(state=SampleState.RECEIVED).exists():
        raise Refused([STILL_HERE])
    turn(order, OrderState.CLOSED, by=by)
    report(order, by=by)
    return order


def confirm_by_itself(*, on: date) -> int:
    """Confirm what nobody objected to within ten working days; returns how many. Any number may do it at once."""
    return sum(_confirm_silent(order, on) for order in Order.objects.to_confirm(on)[:AT_ONCE])


@transaction.atomic
def _confirm_silent(order: Order, on: date) -> bool:
    order = locked_order(order)
    if not Order.objects.to_confirm(on).filter(pk=order.pk).exists():
        return False
    _confirm(order, by=None)
    return True


def _of_lab(order: Order, by: User, *, deciding: bool = False) -> Order:
    order = locked_order(order)
    if not (may_decide if deciding else may_work)(by, order):
        raise NotAllowed(
            _("Only a lab admin of the laboratory decides this.")
            if deciding
            else _("Only the laboratory's own people may do this.")
        )
    return order


def _of_customer(order: Order, by: User) -> Order:
    order = locked_order(order)
    if not is_customer(by, order):
        raise NotAllowed(_("Only whose order it is may do this."))
    return order


def _needed(text: str, field: str, sentence: str) -> str:
    words = tidy(text)
    if not words:
        raise WrongInput(field, "required", sentence)
    if len(words) > 1000:
        raise WrongInput(field, "too_long", _("At most %(n)s characters.") % {"n": 1000})
    return words
