"""The life of a booking.

    draft ──submit──▶ requested ──confirm──▶ confirmed ──check in──▶ in_use ──▶ completed
                        │   ▲ ▲                 │  └──────(no check-in asked)──────▲
                     ask│   │ └──undo───────────┤
                        ▼   │answer             ├──grace over──▶ no_show ──objection granted──▶ cancelled
                      needs_info                └──cancel──▶ cancelled
    requested, needs_info ──decline──▶ declined ──undo──▶ requested
    draft, requested, needs_info ──too late──▶ expired, ──cancel──▶ cancelled

Transitions happen through `NEXT` alone. Time is held exactly in the states of `HOLDS_TIME`.
"""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class State(TextChoices):
    DRAFT = "draft", pgettext_lazy("booking", "draft")
    REQUESTED = "requested", pgettext_lazy("booking", "waiting for approval")
    NEEDS_INFO = "needs_info", pgettext_lazy("booking", "needs information")
    CONFIRMED = "confirmed", pgettext_lazy("booking", "confirmed")
    IN_USE = "in_use", pgettext_lazy("booking", "in use")
    COMPLETED = "completed", pgettext_lazy("booking", "completed")
    DECLINED = "declined", pgettext_lazy("booking", "declined")
    CANCELLED = "cancelled", pgettext_lazy("booking", "cancelled")
    EXPIRED = "expired", pgettext_lazy("booking", "expired")
    NO_SHOW = "no_show", pgettext_lazy("booking", "no-show")


NEXT: dict[str, set[str]] = {
    State.DRAFT: {State.REQUESTED, State.CONFIRMED, State.EXPIRED, State.CANCELLED},
    State.REQUESTED: {State.CONFIRMED, State.NEEDS_INFO, State.DECLINED, State.CANCELLED, State.EXPIRED},
    State.NEEDS_INFO: {State.REQUESTED, State.DECLINED, State.CANCELLED, State.EXPIRED},
    State.DECLINED: {State.REQUESTED},
    State.CONFIRMED: {State.REQUESTED, State.IN_USE, State.COMPLETED, State.NO_SHOW, State.CANCELLED},
    State.IN_USE: {State.COMPLETED},
    State.NO_SHOW: {State.CANCELLED},
    State.COMPLETED: set(),
    State.CANCELLED: set(),
    State.EXPIRED: set(),
}

HOLDS_TIME = {
    State.DRAFT,
    State.REQUESTED,
    State.NEEDS_INFO,
    State.CONFIRMED,
    State.IN_USE,
    State.COMPLETED,
}

IS_COMING = {State.DRAFT, State.REQUESTED, State.NEEDS_INFO, State.CONFIRMED, State.IN_USE}


class Purpose(TextChoices):
    RESEARCH = "research", pgettext_lazy("purpose", "research")
    TESTING = "testing", pgettext_lazy("purpose", "testing")
    TEACHING = "teaching", pgettext_lazy("purpose", "teaching")
    TRAINING = "training", pgettext_lazy("purpose", "training")
    OUTREACH = "outreach", pgettext_lazy("purpose", "youth outreach")
    MAINTENANCE = "maintenance", pgettext_lazy("purpose", "maintenance")


ASKED_FOR = [Purpose.RESEARCH, Purpose.TESTING, Purpose.TEACHING, Purpose.TRAINING]


class CancelledAs(TextChoices):
    EARLY = "early", pgettext_lazy("cancelled", "in time")
    LATE = "late", pgettext_lazy("cancelled", "late")
    BY_LAB = "by_lab", pgettext_lazy("cancelled", "by the laboratory")
