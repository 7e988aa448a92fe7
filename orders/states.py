"""The life of a request, of an offer and of an order.

A request (several institutions may answer):

    draft ──send──▶ submitted ──an offer──▶ offered ──accept──▶ accepted
                     │    ▲                    │  └─all too old─▶ lapsed ──an offer──▶ offered
                     │    └───────withdrawn by the laboratories
                     └──nobody can──▶ infeasible
    draft, submitted, offered, lapsed, infeasible ──▶ withdrawn

An order (what a laboratory does):

    submitted ──▶ scheduled ──▶ in_work ──▶ results_ready ──▶ results_released ──▶ confirmed ──▶ closed
     │   ▲ └──▶ infeasible          ▲                          └──▶ disputed ──▶ confirmed, in_work, closed
     ▼   │                          └────────────(work again)─────────┘
    returned        accepted (an offer) ──▶ scheduled
    submitted, returned, accepted, scheduled ──▶ withdrawn

Results are seen by the laboratory alone until they are released. Transitions happen through these tables alone.
"""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

KEPT_REQUEST = "request_begun"  # of a visitor's session: what was written before signing in


class RequestState(TextChoices):
    DRAFT = "draft", pgettext_lazy("request", "draft")
    SUBMITTED = "submitted", pgettext_lazy("request", "waiting for offers")
    OFFERED = "offered", pgettext_lazy("request", "offers are there")
    ACCEPTED = "accepted", pgettext_lazy("request", "an offer is accepted")
    LAPSED = "lapsed", pgettext_lazy("request", "offers have lapsed")
    INFEASIBLE = "infeasible", pgettext_lazy("request", "nobody can do it")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "withdrawn")


NEXT_OF_REQUEST: dict[str, set[str]] = {
    RequestState.DRAFT: {RequestState.SUBMITTED, RequestState.WITHDRAWN},
    RequestState.SUBMITTED: {RequestState.OFFERED, RequestState.INFEASIBLE, RequestState.WITHDRAWN},
    RequestState.OFFERED: {
        RequestState.ACCEPTED,
        RequestState.LAPSED,
        RequestState.SUBMITTED,
        RequestState.INFEASIBLE,
        RequestState.WITHDRAWN,
    },
    RequestState.LAPSED: {RequestState.OFFERED, RequestState.WITHDRAWN},
    RequestState.INFEASIBLE: {RequestState.OFFERED, RequestState.SUBMITTED, RequestState.WITHDRAWN},
    RequestState.ACCEPTED: set(),
    RequestState.WITHDRAWN: set(),
}
OPEN_REQUEST = {RequestState.SUBMITTED, RequestState.OFFERED, RequestState.LAPSED, RequestState.INFEASIBLE}


class AnswerState(TextChoices):
    """What one laboratory says to a request; an offer says feasible, or partly."""

    WAITING = "waiting", pgettext_lazy("answer", "not answered yet")
    ASKED = "asked", pgettext_lazy("answer", "asks something first")
    FEASIBLE = "feasible", pgettext_lazy("answer", "can do it")
    PARTLY = "partly", pgettext_lazy("answer", "can do part of it")
    INFEASIBLE = "infeasible", pgettext_lazy("answer", "cannot do it")


class OfferState(TextChoices):
    """open ──▶ accepted | superseded (a newer version) | lapsed | withdrawn | passed_over (another was taken)."""

    OPEN = "open", pgettext_lazy("offer", "open")
    ACCEPTED = "accepted", pgettext_lazy("offer", "accepted")
    SUPERSEDED = "superseded", pgettext_lazy("offer", "replaced by a newer one")
    LAPSED = "lapsed", pgettext_lazy("offer", "lapsed")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "taken back")
    PASSED_OVER = "passed_over", pgettext_lazy("offer", "another one was chosen")


class OrderState(TextChoices):
    SUBMITTED = "submitted", pgettext_lazy("order", "waiting for the laboratory")
    RETURNED = "returned", pgettext_lazy("order", "needs information")
    INFEASIBLE = "infeasible", pgettext_lazy("order", "cannot be done")
    ACCEPTED = "accepted", pgettext_lazy("order", "ordered")
    SCHEDULED = "scheduled", pgettext_lazy("order", "scheduled")
    IN_WORK = "in_work", pgettext_lazy("order", "in work")
    RESULTS_READY = "results_ready", pgettext_lazy("order", "results are ready")
    RESULTS_RELEASED = "results_released", pgettext_lazy("order", "results are released")
    CONFIRMED = "confirmed", pgettext_lazy("order", "results confirmed")
    DISPUTED = "disputed", pgettext_lazy("order", "objected to")
    CLOSED = "closed", pgettext_lazy("order", "closed")
    WITHDRAWN = "withdrawn", pgettext_lazy("order", "order withdrawn")


NEXT: dict[str, set[str]] = {
    OrderState.SUBMITTED: {
        OrderState.SCHEDULED,
        OrderState.RETURNED,
        OrderState.INFEASIBLE,
        OrderState.WITHDRAWN,
    },
    OrderState.RETURNED: {OrderState.SUBMITTED, OrderState.INFEASIBLE, OrderState.WITHDRAWN},
    OrderState.ACCEPTED: {OrderState.SCHEDULED, OrderState.WITHDRAWN},
    OrderState.SCHEDULED: {OrderState.IN_WORK, OrderState.WITHDRAWN},
    OrderState.IN_WORK: {OrderState.RESULTS_READY},
    OrderState.RESULTS_READY: {OrderState.RESULTS_RELEASED},
    OrderState.RESULTS_RELEASED: {OrderState.CONFIRMED, OrderState.DISPUTED},
    OrderState.DISPUTED: {OrderState.CONFIRMED, OrderState.IN_WORK, OrderState.CLOSED},
    OrderState.CONFIRMED: {OrderState.CLOSED},
    OrderState.CLOSED: set(),
    OrderState.INFEASIBLE: set(),
    OrderState.WITHDRAWN: set(),
}
NEEDS_LAB = {OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.SCHEDULED, OrderState.IN_WORK,
             OrderState.RESULTS_READY, OrderState.DISPUTED}  # fmt: skip
NEEDS_CUSTOMER = {OrderState.RETURNED, OrderState.RESULTS_RELEASED}
IS_OVER = {OrderState.CLOSED, OrderState.INFEASIBLE, OrderState.WITHDRAWN, OrderState.CONFIRMED}
TAKES_SAMPLES = {OrderState.SUBMITTED, OrderState.ACCEPTED, OrderState.SCHEDULED, OrderState.IN_WORK}
SHOWS_RESULTS = {OrderState.RESULTS_RELEASED, OrderState.CONFIRMED, OrderState.DISPUTED, OrderState.CLOSED}


class SampleForm(TextChoices):
    SOLID = "solid", pgettext_lazy("sample", "solid piece")
    POWDER = "powder", pgettext_lazy("sample", "powder")
    LIQUID = "liquid", pgettext_lazy("sample", "liquid")
    FILM = "film", pgettext_lazy("sample", "film or coating")
    BIOLOGICAL = "biological", pgettext_lazy("sample", "biological")
    OTHER = "other", pgettext_lazy("sample", "something else")


class SampleAfter(TextChoices):
    RETURN = "return", pgettext_lazy("sample", "send back")
    DESTROY = "destroy", pgettext_lazy("sample", "dispose of")


class Delivery(TextChoices):
    MAIL = "mail", pgettext_lazy("delivery", "sent by courier")
    BRING = "bring", pgettext_lazy("delivery", "brought to the laboratory")
    ON_SITE = "on_site", pgettext_lazy("delivery", "work at our site")


class Report(TextChoices):
    DATA = "data", pgettext_lazy("report", "the data")
    REPORT = "report", pgettext_lazy("report", "a report that explains them")
    SEALED = "sealed", pgettext_lazy("report", "a report with CMA or CNAS seal")


class SampleState(TextChoices):
    """expected ──▶ received ──▶ used_up | returned | destroyed"""

    EXPECTED = "expected", pgettext_lazy("sample", "not received yet")
    RECEIVED = "received", pgettext_lazy("sample", "received")
    USED_UP = "used_up", pgettext_lazy("sample", "used up")
    RETURNED = "returned", pgettext_lazy("sample", "sent back")
    DESTROYED = "destroyed", pgettext_lazy("sample", "disposed of")


NEXT_OF_SAMPLE: dict[str, set[str]] = {
    SampleState.EXPECTED: {SampleState.RECEIVED},
    SampleState.RECEIVED: {SampleState.USED_UP, SampleState.RETURNED, SampleState.DESTROYED},
    SampleState.USED_UP: set(),
    SampleState.RETURNED: set(),
    SampleState.DESTROYED: set(),
}
