"""Courses and camps: programmes, their sessions, children and their places."""

from outreach.models.enrolment import (
    CONSENTED,
    ONE_PLACE_AT_A_TIME,
    Certificate,
    CheckIn,
    Consent,
    Enrolment,
    fresh_code,
)
from outreach.models.family import Child, Guardian
from outreach.models.history import (
    ConsentEvent,
    EnrolmentEvent,
    MentorAssignmentEvent,
    ProgrammeEvent,
    SessionEvent,
)
from outreach.models.programme import ConsentText, ItineraryItem, Programme
from outreach.models.session import (
    MENTOR_FREE,
    NOT_OVERFULL,
    Mentor,
    MentorAssignment,
    SafetyDuty,
    Session,
    SessionNeed,
)

__all__ = [
    "CONSENTED",
    "MENTOR_FREE",
    "NOT_OVERFULL",
    "ONE_PLACE_AT_A_TIME",
    "Certificate",
    "CheckIn",
    "Child",
    "Consent",
    "ConsentEvent",
    "ConsentText",
    "Enrolment",
    "EnrolmentEvent",
    "Guardian",
    "ItineraryItem",
    "Mentor",
    "MentorAssignment",
    "MentorAssignmentEvent",
    "Programme",
    "ProgrammeEvent",
    "SafetyDuty",
    "Session",
    "SessionEvent",
    "SessionNeed",
    "fresh_code",
]
