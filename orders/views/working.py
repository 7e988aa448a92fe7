"""An order's page for both sides, its buttons, what is printed of it, its results."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from common.errors import WrongInput
from common.sending import send_file
from common.web import came_from, printed, says_why
from orders import pdf, services
from orders.models import Custody, Order, Result, Sample
from orders.permissions import is_customer, may_decide, may_work
from orders.rules import way_of_order
from orders.states import NEXT, NEXT_OF_SAMPLE, SHOWS_RESULTS, TAKES_SAMPLES, OrderState, SampleState
from orders.views.finding import order_of, sample_of

Act = Callable[[HttpRequest, Order], Any]


def _words(asked: HttpRequest, name: str) -> str:
    return asked.POST.get(name, "")


def _day(asked: HttpRequest, name: str) -> date | None:
    """A day that was entered, or None."""
    try:
        return date.fromisoformat(_words(asked, name)) if _words(asked, name) else None
    except ValueError:
        raise WrongInput(name, "invalid", _("Enter a day.")) from None


def _receive(asked: HttpRequest, order: Order) -> Order:
    ticked = set(asked.POST.getlist("received"))
    wanted = [each for each in order.samples.all() if str(each.pk) in ticked]
    conditions = {each.pk: _words(asked, f"condition-{each.pk}") for each in wanted}
    return services.receive(order, by=asked.user, conditions=conditions, place=_words(asked, "place"))


def _add_result(asked: HttpRequest, order: Order) -> Result:
    if (file := asked.FILES.get("file")) is None:
        raise WrongInput("file", "required", _("Choose the file."))
    return services.add_result(order, by=asked.user, file=file)


def _remove_result(asked: HttpRequest, order: Order) -> None:
    for result in order.results.select_related("order", "file__small"):
        if str(result.pk) == _words(asked, "result"):
            return services.remove_result(result, by=asked.user)
    raise Http404


ORDER_ACTS: dict[str, tuple[Act, str | Promise]] = {
    "schedule": (
        lambda asked, order: services.schedule(
            order, by=asked.user, results_by=_day(asked, "results_by"), note=_words(asked, "note")
        ),
        gettext_lazy("Scheduled. The customer is told by when the results will be there."),
    ),
    "send_back": (
        lambda asked, order: services.send_back(order, by=asked.user, question=_words(asked, "question")),
        gettext_lazy("Asked. The order comes back with the answer."),
    ),
    "answer": (
        lambda asked, order: services.answer_back(order, by=asked.user, text=_words(asked, "text")),
        gettext_lazy("Answered. The laboratory goes on."),
    ),
    "refuse": (
        lambda asked, order: services.refuse_order(order, by=asked.user, reason=_words(asked, "reason")),
        gettext_lazy("Said so, with the reason."),
    ),
    "withdraw": (
        lambda asked, order: services.withdraw_order(order, by=asked.user, reason=_words(asked, "reason")),
        gettext_lazy("Withdrawn, free of charge."),
    ),
    "ship": (
        lambda asked, order: services.note_shipment(
            order, by=asked.user, courier=_words(asked, "courier"), tracking=_words(asked, "tracking")
        ),
        gettext_lazy("Noted. The laboratory knows what is coming."),
    ),
    "receive": (_receive, gettext_lazy("Received. The customer is told.")),
    "let_go": (
        lambda asked, order: services.let_sample_go(
            sample_of(order, asked.POST), by=asked.user, state=_words(asked, "state"), note=_words(asked, "note")
        ),
        gettext_lazy("Noted."),
    ),
    "start": (
        lambda asked, order: services.start(order, by=asked.user),
        gettext_lazy("The work has begun."),
    ),
    "add_result": (_add_result, gettext_lazy("The file is here, with its checksum.")),
    "remove_result": (_remove_result, gettext_lazy("The file is gone.")),
    "ready": (
        lambda asked, order: services.ready(order, by=asked.user, note=_words(asked, "note")),
        gettext_lazy("The results are ready. Release them, so that the customer sees them."),
    ),
    "release": (
        lambda asked, order: services.release(order, by=asked.user),
        gettext_lazy("Released. From now on the files cannot be changed."),
    ),
    "confirm": (
        lambda asked, order: services.confirm(order, by=asked.user),
        gettext_lazy("Confirmed. Thank you."),
    ),
    "dispute": (
        lambda asked, order: services.dispute(order, by=asked.user, reason=_words(asked, "reason")),
        gettext_lazy("The laboratory is told. Nothing is charged until this is settled."),
    ),
    "settle": (
        lambda asked, order: services.settle(
            order, by=asked.user, outcome=_words(asked, "outcome"), note=_words(asked, "note")
        ),
        gettext_lazy("Settled. The customer is told."),
    ),
    "close": (lambda asked, order: services.close(order, by=asked.user), gettext_lazy("Closed.")),
    "say": (
        lambda asked, order: services.write_about(order, by=asked.user, text=_words(asked, "text")),
        gettext_lazy("Sent."),
    ),
}


@login_required
@require_safe
def order_page(asked: HttpRequest, order_id: UUID) -> HttpResponse:
    """The whole way of an order with dates and who is next; what one may do now; samples, results, thread."""
    order = order_of(asked, order_id)
    works, decides, theirs = (may(asked.user, order) for may in (may_work, may_decide, is_customer))
    samples, steps = list(order.samples.all()), list(order.steps.select_related("by"))
    last = steps[-1] if steps else None
    context = {
        "order": order,
        "theirs": theirs,
        "works": works,
        "decides": decides,
        "can": _can(order, theirs=theirs, works=works, decides=decides),
        "stages": way_of_order(order, steps, samples),
        "steps": steps,
        "last": last,
        "samples": [(each, sorted(NEXT_OF_SAMPLE[each.state])) for each in samples],
        "expected": [each for each in samples if each.state == SampleState.EXPECTED],
        "custody": Custody.objects.filter(sample__order=order).select_related("sample__order", "by"),
        "sample_words": dict(SampleState.choices),
        "results": Result.objects.visible_to(asked.user).filter(order=order).select_related("file", "added_by"),
        "thread": services.thread_of(order),
        "today": timezone.localdate(),
    }
    return render(asked, "orders/order.html", context)


def _can(order: Order, *, theirs: bool, works: bool, decides: bool) -> dict[str, bool]:
    """Which buttons the reader has now."""
    state, further = order.state, NEXT[order.state]
    return {
        "schedule": decides and OrderState.SCHEDULED in further,
        "send_back": decides and OrderState.RETURNED in further,
        "refuse": decides and OrderState.INFEASIBLE in further,
        "answer": theirs and state == OrderState.RETURNED,
        "withdraw": theirs and OrderState.WITHDRAWN in further,
        "ship": theirs and state in TAKES_SAMPLES,
        "receive": works and state in TAKES_SAMPLES,
        "start": works and state == OrderState.SCHEDULED,
        "results": works and state in {OrderState.IN_WORK, OrderState.RESULTS_READY},
        "ready": works and state == OrderState.IN_WORK,
        "release": decides and state == OrderState.RESULTS_READY,
        "confirm": theirs and state == OrderState.RESULTS_RELEASED,
        "dispute": theirs and state == OrderState.RESULTS_RELEASED,
        "settle": decides and state == OrderState.DISPUTED,
        "close": works and state == OrderState.CONFIRMED,
        "see_results": works or state in SHOWS_RESULTS,
    }


@login_required
@require_POST
@says_why("my_orders")
def order_act(asked: HttpRequest, order_id: UUID) -> HttpResponse:
    """Press one button of an order's page."""
    order = order_of(asked, order_id)
    if (found := ORDER_ACTS.get(_words(asked, "do"))) is None:
        raise Http404
    done, said = found
    done(asked, order)
    messages.success(asked, str(said))
    return redirect(came_from(asked) or order)


@login_required
@require_safe
def sample_slip(asked: HttpRequest, order_id: UUID) -> HttpResponse:
    """The A4 slip that goes with the samples."""
    return _printed(asked, order_id, pdf.slip, "slip")


@login_required
@require_safe
def sample_labels(asked: HttpRequest, order_id: UUID) -> HttpResponse:
    """A label for each sample, to print and stick on."""
    return _printed(asked, order_id, pdf.labels, "labels")


def _printed(asked: HttpRequest, order_id: UUID, draw: Callable[..., bytes], name: str) -> HttpResponse:
    order = order_of(asked, order_id)
    address = settings.SITE_URL + order.get_absolute_url()
    samples = list(Sample.objects.filter(order=order))
    return printed(draw(order, address=address, samples=samples), f"{name}-{order.code}.pdf")


@login_required
@require_safe
def result_file(asked: HttpRequest, result_id: UUID) -> HttpResponseBase:
    """A file with results: for the laboratory, and once it is released for whose order it is."""
    visible = Result.objects.visible_to(asked.user).select_related("file")
    return send_file(asked, get_object_or_404(visible, pk=result_id).file)
