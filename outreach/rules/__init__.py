"""Ages, clocks, refunds; what keeps a session from being published and a child from being enrolled. All pure."""

from outreach.rules.age import CONSENT_OF_ITS_OWN_UNTIL, age_on
from outreach.rules.clock import due, offer_ends
from outreach.rules.enrolment import EnrolmentFacts, objections_to_enrolment
from outreach.rules.publication import (
    CHECK_LASTS,
    MentorFacts,
    NeedFacts,
    SessionFacts,
    mentors_needed,
    objections_of_safety,
    objections_to_publication,
    room_for,
)
from outreach.rules.refund import refund_of, refund_percent

__all__ = [
    "CHECK_LASTS",
    "CONSENT_OF_ITS_OWN_UNTIL",
    "EnrolmentFacts",
    "MentorFacts",
    "NeedFacts",
    "SessionFacts",
    "age_on",
    "due",
    "mentors_needed",
    "objections_of_safety",
    "objections_to_enrolment",
    "objections_to_publication",
    "offer_ends",
    "refund_of",
    "refund_percent",
    "room_for",
]
