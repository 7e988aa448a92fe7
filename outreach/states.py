"""The life of a session and of a child's enrolment in it.

A session:

    draft ──publish──▶ published ──its time is over──▶ completed
      └──────cancel──────┴──────▶ cancelled

An enrolment:

    waitlisted ──a place is free──▶ offered ──accept──▶ awaiting_consent ──consent──▶ confirmed ──pay──▶ paid
        │                             │                      │                           │               │
        │                             └────too late──────────┴─────────too late──────────┘               ├▶ attended
        │                                                    ▼                                           └▶ no_show
        └──the session begins──▶ lapsed ◀────────────────────┘
    every state before attended ──cancel──▶ cancelled; no_show ──it was wrong──▶ attended

While there is room and nobody waits, an enrolment begins at awaiting_consent. Transitions happen through `NEXT` alone.
A place is held exactly in the states of `HOLDS_PLACE`.
"""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class ProgrammeKind(TextChoices):
    COURSE = "course", pgettext_lazy("programme", "course")
    CAMP = "camp", pgettext_lazy("programme", "camp")
    OPEN_DAY = "open_day", pgettext_lazy("programme", "open day")
    COACHING = "coaching", pgettext_lazy("programme", "contest coaching")
    VISIT = "visit", pgettext_lazy("programme", "visit")


class SessionState(TextChoices):
    DRAFT = "draft", pgettext_lazy("session", "being prepared")
    PUBLISHED = "published", pgettext_lazy("session", "open for enrolment")
    COMPLETED = "completed", pgettext_lazy("session", "over")
    CANCELLED = "cancelled", pgettext_lazy("session", "cancelled")


NEXT_OF_SESSION: dict[str, set[str]] = {
    SessionState.DRAFT: {SessionState.PUBLISHED, SessionState.CANCELLED},
    SessionState.PUBLISHED: {SessionState.COMPLETED, SessionState.CANCELLED},
    SessionState.COMPLETED: set(),
    SessionState.CANCELLED: set(),
}


class EnrolmentState(TextChoices):
    WAITLISTED = "waitlisted", pgettext_lazy("enrolment", "on the waitlist")
    OFFERED = "offered", pgettext_lazy("enrolment", "place offered")
    AWAITING_CONSENT = "awaiting_consent", pgettext_lazy("enrolment", "waiting for consent")
    CONFIRMED = "confirmed", pgettext_lazy("enrolment", "confirmed, to be paid")
    PAID = "paid", pgettext_lazy("enrolment", "enrolled")
    ATTENDED = "attended", pgettext_lazy("enrolment", "took part")
    NO_SHOW = "no_show", pgettext_lazy("enrolment", "did not come")
    LAPSED = "lapsed", pgettext_lazy("enrolment", "lapsed")
    CANCELLED = "cancelled", pgettext_lazy("enrolment", "cancelled")


E = EnrolmentState
NEXT: dict[str, set[str]] = {
    E.WAITLISTED: {E.OFFERED, E.LAPSED, E.CANCELLED},
    E.OFFERED: {E.AWAITING_CONSENT, E.LAPSED, E.CANCELLED},
    E.AWAITING_CONSENT: {E.CONFIRMED, E.LAPSED, E.CANCELLED},
    E.CONFIRMED: {E.PAID, E.LAPSED, E.CANCELLED},
    E.PAID: {E.ATTENDED, E.NO_SHOW, E.CANCELLED},
    E.NO_SHOW: {E.ATTENDED},
    E.ATTENDED: set(),
    E.LAPSED: set(),
    E.CANCELLED: set(),
}
HOLDS_PLACE = {E.OFFERED, E.AWAITING_CONSENT, E.CONFIRMED, E.PAID, E.ATTENDED, E.NO_SHOW}
STANDS = {E.WAITLISTED, *HOLDS_PLACE}
WAITS = {E.OFFERED, E.AWAITING_CONSENT, E.CONFIRMED}  # for the guardian, until `Enrolment.expires_at`
IS_CONFIRMED = {E.CONFIRMED, E.PAID, E.ATTENDED, E.NO_SHOW}
IS_COMING = {E.WAITLISTED, E.OFFERED, E.AWAITING_CONSENT, E.CONFIRMED, E.PAID}


class PaidHow(TextChoices):
    SIMULATOR = "simulator", pgettext_lazy("payment", "simulated payment")
    DESK = "desk", pgettext_lazy("payment", "at the desk")
    TRANSFER = "transfer", pgettext_lazy("payment", "bank transfer")
    FREE = "free", pgettext_lazy("payment", "free of charge")


RECORDED_BY_FINANCE = [PaidHow.DESK, PaidHow.TRANSFER]


class Relation(TextChoices):
    MOTHER = "mother", pgettext_lazy("relation", "mother")
    FATHER = "father", pgettext_lazy("relation", "father")
    GRANDPARENT = "grandparent", pgettext_lazy("relation", "grandparent")
    OTHER = "other", pgettext_lazy("relation", "other guardian")


GRADES = range(1, 13)  # 小学一年级 to 高三
