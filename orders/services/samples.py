"""Samples: on their way, received, and where they went; who had them when is never edited."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import NotAllowed, Refusal, Refused, WrongInput
from common.text import tidy
from orders.models import Custody, Order, Sample
from orders.permissions import is_customer, may_work
from orders.services.news import report
from orders.services.turn import locked_order, refuse_state, write
from orders.states import NEXT_OF_SAMPLE, TAKES_SAMPLES, SampleState

NOTHING_TO_RECEIVE = Refusal("nothing_to_receive", gettext_lazy("Tick the samples that were received."))


@transaction.atomic
def note_shipment(order: Order, *, by: User, courier: str, tracking: str) -> Order:
    """The customer says by which courier the samples are coming."""
    order = locked_order(order)
    if not is_customer(by, order):
        raise NotAllowed(_("Only whose order it is may do this."))
    if order.state not in TAKES_SAMPLES:
        refuse_state(order)
    number = tidy(tracking)
    if not number:
        raise WrongInput("tracking", "required", _("Enter the tracking number."))
    write(order, courier=tidy(courier)[:40], tracking=number[:60])
    report(order, by=by, note=" ".join(part for part in (order.courier, order.tracking) if part))
    return order


@transaction.atomic
def receive(order: Order, *, by: User, conditions: Mapping[UUID, str], place: str = "") -> Order:
    """Note that samples came in, each with its condition, and where they are put."""
    order = _of_lab(order, by)
    if order.state not in TAKES_SAMPLES:
        refuse_state(order)
    samples = list(order.samples.select_for_update().filter(pk__in=conditions, state=SampleState.EXPECTED))
    if not samples:
        raise Refused([NOTHING_TO_RECEIVE])
    for sample in samples:
        sample.condition = tidy(conditions[sample.pk])[:300]
        _move(sample, SampleState.RECEIVED, by=by, place=place, note=sample.condition)
    write(order)
    words = _("%(n)s samples received") % {"n": len(samples)}
    report(order, by=by, note=words)
    return order


@transaction.atomic
def let_sample_go(sample: Sample, *, by: User, state: str, note: str = "") -> Sample:
    """Note that a sample was sent back, disposed of or used up."""
    order = _of_lab(sample.order, by)
    sample = Sample.objects.select_for_update().get(pk=sample.pk)
    if state not in NEXT_OF_SAMPLE[sample.state]:
        sentence = _("This cannot be done any more: it is “%(state)s”.") % {"state": sample.get_state_display()}
        raise Refused([Refusal("wrong_state", sentence, values={"state": sample.state})])
    _move(sample, SampleState(state), by=by, note=note)
    write(order)
    return sample


def _move(sample: Sample, state: SampleState, *, by: User, place: str = "", note: str = "") -> None:
    sample.state = state
    sample.save(update_fields=["state", "condition"])
    Custody.objects.create(sample=sample, state=state, by=by, place=tidy(place)[:80], note=tidy(note)[:300])


def _of_lab(order: Order, by: User) -> Order:
    order = locked_order(order)
    if not may_work(by, order):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    return order
