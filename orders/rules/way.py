"""The way of a request and of an order: what was, what is now and whose turn it is, what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common.words import moment, short_day
from orders.states import AnswerState, OrderState, RequestState, SampleState

if TYPE_CHECKING:
    from orders.models import Enquiry, Offer, Order, OrderStep, Request, Sample


@dataclass(frozen=True)
class Step:
    """One step: `how` is done, now, next or stopped; `said` tells when it was or will be, and who is next."""

    word: str
    how: str
    said: str = ""


def way_of_request(request: Request, enquiries: Sequence[Enquiry], offers: Sequence[Offer]) -> list[Step]:
    """From the first sentence to the accepted offer; the order goes on from there."""
    return [*_asking(request), *_offering(request, enquiries, offers), *_accepting(request, offers)]


def _asking(request: Request) -> Iterator[Step]:
    yield Step(_("Written down"), "done", moment(request.created_at))
    if request.state == RequestState.DRAFT:
        yield Step(_("Send it"), "now", _("you: answer what you know and send it"))
    elif request.submitted_at:
        yield Step(_("Sent"), "done", moment(request.submitted_at))


def _offering(request: Request, enquiries: Sequence[Enquiry], offers: Sequence[Offer]) -> Iterator[Step]:
    if request.state == RequestState.DRAFT:
        yield Step(_("Laboratories answer"), "next", _("within 2 working days"))
    elif request.state == RequestState.WITHDRAWN:
        yield Step(_("Withdrawn"), "stopped", moment(request.updated_at))
    elif request.state == RequestState.INFEASIBLE:
        yield Step(_("Nobody can do it"), "stopped", moment(request.updated_at))
    elif request.state == RequestState.SUBMITTED:
        asked = [each for each in enquiries if each.state == AnswerState.ASKED]
        if asked:
            yield Step(_("Your answer"), "now", _("%(lab)s has a question") % {"lab": asked[0].facility.name})
        else:
            due = max((each.due_on for each in enquiries), default=None)
            words = _("%(n)s laboratories, by %(day)s") % {"n": len(enquiries), "day": short_day(due)} if due else ""
            yield Step(_("Laboratories answer"), "now", words)
    elif offers:
        first = min(each.created_at for each in offers)
        yield Step(_("Offers are there"), "done", moment(first))


def _accepting(request: Request, offers: Sequence[Offer]) -> Iterator[Step]:
    if request.state in {RequestState.WITHDRAWN, RequestState.INFEASIBLE}:
        return
    accepted = next((each for each in offers if each.accepted_at), None)
    if accepted and accepted.accepted_at:
        yield Step(_("Offer accepted"), "done", moment(accepted.accepted_at))
        yield Step(_("The laboratory works"), "next", _("see the order"))
    elif request.state == RequestState.LAPSED:
        yield Step(_("Offers have lapsed"), "stopped", _("ask a laboratory to renew its offer"))
    elif request.state == RequestState.OFFERED:
        last = max((each.expires_at for each in offers if each.state == "open"), default=None)
        yield Step(_("Choose an offer"), "now", _("until %(when)s") % {"when": moment(last)} if last else "")
    else:
        yield Step(_("Choose an offer"), "next", _("valid for 30 days"))


PATH = [
    OrderState.SCHEDULED,
    OrderState.IN_WORK,
    OrderState.RESULTS_READY,
    OrderState.RESULTS_RELEASED,
    OrderState.CONFIRMED,
]
ENDS = {OrderState.WITHDRAWN, OrderState.INFEASIBLE}


def way_of_order(order: Order, steps: Sequence[OrderStep], samples: Sequence[Sample]) -> list[Step]:
    """From the order to the confirmed results, with the day of each step that was taken."""
    when = {each.state: each.at for each in steps}  # the last time that it came there
    return [_ordered(order, steps), *_of_lab(order, when), *_ahead(order, when, samples)]


def _ordered(order: Order, steps: Sequence[OrderStep]) -> Step:
    return Step(_("Ordered"), "done", moment(steps[0].at if steps else order.created_at))


def _of_lab(order: Order, when: dict[str, datetime]) -> Iterator[Step]:
    state = order.state
    if state == OrderState.RETURNED:
        yield Step(_("Your answer"), "now", _("the laboratory has a question"))
    if state in ENDS:
        word = _("Withdrawn") if state == OrderState.WITHDRAWN else _("Cannot be done")
        yield Step(word, "stopped", moment(when.get(state, order.updated_at)))


def _ahead(order: Order, when: dict[str, datetime], samples: Sequence[Sample]) -> Iterator[Step]:
    if order.state in ENDS:
        return
    reached = _index(order.state)
    words = _words()
    for place, state in enumerate(PATH):
        if order.state == OrderState.DISPUTED and state == OrderState.CONFIRMED:
            yield Step(_("Objected to"), "now", _("the laboratory answers"))
        elif place <= reached:
            yield Step(words[state][0], "done", moment(when[state]) if state in when else "")
        elif place == reached + 1 and order.state != OrderState.RETURNED:
            yield Step(words[state][1], "now", _who_and_when(order, state, samples))
        else:
            yield Step(words[state][1], "next", _later(order, state))


def _index(state: str) -> int:
    if state in {OrderState.CLOSED, OrderState.CONFIRMED}:
        return len(PATH) - 1
    if state == OrderState.DISPUTED:
        return PATH.index(OrderState.RESULTS_RELEASED)
    return PATH.index(OrderState(state)) if state in PATH else -1


def _words() -> dict[str, tuple[str, str]]:
    """What each step is called when it is done, and while it is ahead."""
    return {
        OrderState.SCHEDULED: (_("Scheduled"), _("The laboratory schedules it")),
        OrderState.IN_WORK: (_("Work begun"), _("Samples and work")),
        OrderState.RESULTS_READY: (_("Results are ready"), _("Results")),
        OrderState.RESULTS_RELEASED: (_("Results released"), _("Release")),
        OrderState.CONFIRMED: (_("Results confirmed"), _("Confirmation")),
    }


def _who_and_when(order: Order, state: str, samples: Sequence[Sample]) -> str:
    by = short_day(order.results_by) if order.results_by else ""
    if state == OrderState.IN_WORK:
        expected = sum(each.state == SampleState.EXPECTED for each in samples)
        if expected and expected == len(samples):
            return _("you: send the samples")
        return _("the laboratory, %(n)s of %(all)s samples are there") % {
            "n": len(samples) - expected,
            "all": len(samples),
        }
    if state == OrderState.RESULTS_READY and by:
        return _("the laboratory, by %(day)s") % {"day": by}
    if state == OrderState.CONFIRMED and order.confirm_by:
        return _("you, by %(day)s; silence is a yes") % {"day": short_day(order.confirm_by)}
    return _("the laboratory")


def _later(order: Order, state: str) -> str:
    if state == OrderState.RESULTS_READY and order.results_by:
        return _("by %(day)s") % {"day": short_day(order.results_by)}
    return ""
