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

from datetime import timedelta

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
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

WAITS = {State.DRAFT, State.REQUESTED, State.NEEDS_INFO}  # for somebody, and not for ever: see `Booking.expires_at`
MOVABLE = {State.DRAFT, State.REQUESTED, State.CONFIRMED, State.IN_USE}
# The database holds no claim longer than this.
LONGEST_HELD = timedelta(days=31)
# What goes to the principal investigator when its person leaves; a draft lapses by itself.
CHANGES_HANDS = {State.REQUESTED, State.NEEDS_INFO, State.CONFIRMED}
IS_COMING = {State.DRAFT, State.REQUESTED, State.NEEDS_INFO, State.CONFIRMED, State.IN_USE}


class Purpose(TextChoices):
    RESEARCH = "research", pgettext_lazy("purpose", "research")
    TESTING = "testing", pgettext_lazy("purpose", "testing")
    TEACHING = "teaching", pgettext_lazy("purpose", "teaching")
    TRAINING = "training", pgettext_lazy("purpose", "training")
    OUTREACH = "outreach", pgettext_lazy("purpose", "youth outreach")
    MAINTENANCE = "maintenance", pgettext_lazy("purpose", "maintenance")


ASKED_FOR = [Purpose.RESEARCH, Purpose.TESTING, Purpose.TEACHING, Purpose.TRAINING]
ASKED_CHOICES = [(each.value, each.label) for each in ASKED_FOR]


class CancelledAs(TextChoices):
    EARLY = "early", pgettext_lazy("cancelled", "in time")
    LATE = "late", pgettext_lazy("cancelled", "late")
    BY_LAB = "by_lab", pgettext_lazy("cancelled", "by the laboratory")


class ChangeKind(TextChoices):
    MOVE = "move", pgettext_lazy("change", "asked for by the requester")
    COUNTER = "counter", pgettext_lazy("change", "offered by the laboratory")


class ChangeState(TextChoices):
    """waiting ──▶ accepted | declined | withdrawn | expired; an acceptance or refusal can be undone for a minute."""

    WAITING = "waiting", pgettext_lazy("change", "waiting")
    ACCEPTED = "accepted", pgettext_lazy("change", "accepted")
    DECLINED = "declined", pgettext_lazy("change", "declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("change", "withdrawn")
    EXPIRED = "expired", pgettext_lazy("change", "expired")


class FeedKind(TextChoices):
    CALENDAR = "calendar", pgettext_lazy("feed", "calendar to subscribe to")
    WALL = "wall", pgettext_lazy("feed", "wall board")


class RequestState(TextChoices):
    WAITING = "waiting", pgettext_lazy("training request", "waiting")
    GRANTED = "granted", pgettext_lazy("training request", "granted")
    DECLINED = "declined", pgettext_lazy("training request", "declined")


class ChargeBasis(TextChoices):
    """Which time is charged for."""

    BOOKED = "booked", _("time booked")
    USED = "used", _("time used")
    LARGER = "larger", _("the longer of the two")


class OperatorUse(TextChoices):
    NEVER = "never", _("no operator")
    OPTIONAL = "optional", _("with an operator if wanted")
    ALWAYS = "always", _("always with an operator")


class TrainingLevel(IntegerChoices):
    NONE = 0, pgettext_lazy("training", "none")
    INTRODUCED = 1, pgettext_lazy("training", "introduced: uses it while somebody is near")
    INDEPENDENT = 2, pgettext_lazy("training", "independent: uses it alone")
    ADVANCED = 3, pgettext_lazy("training", "advanced: all its modes")


class Subject(TextChoices):
    PERSON = "person", pgettext_lazy("quota", "person")
    GROUP = "group", pgettext_lazy("quota", "research group")


class Measure(TextChoices):
    HOURS = "hours", pgettext_lazy("quota", "hours")
    BOOKINGS = "bookings", pgettext_lazy("quota", "bookings")


class Period(TextChoices):
    DAY = "day", pgettext_lazy("quota", "day")
    WEEK = "week", pgettext_lazy("quota", "week")
    MONTH = "month", pgettext_lazy("quota", "month")


class Source(TextChoices):
    CHECK_IN = "check_in", pgettext_lazy("usage", "check-in")
    DEVICE = "device", pgettext_lazy("usage", "device")
    ENTERED = "entered", pgettext_lazy("usage", "entered by hand")
    IMPORTED = "imported", pgettext_lazy("usage", "imported")


class Severity(TextChoices):
    MINOR = "minor", pgettext_lazy("fault", "minor: it can be used")
    SEVERE = "severe", pgettext_lazy("fault", "severe: it cannot be used")
