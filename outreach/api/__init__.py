"""REST: programmes, sessions, children and their enrolments."""

from outreach.api.catalogue import OneProgramme, OneSession, Programmes, Sessions
from outreach.api.desk import (
    CancelSession,
    ClaimForSession,
    MentorsOfSession,
    PlacesOfSession,
    PublishSession,
    SafetyOfSession,
)
from outreach.api.places import (
    CancelEnrolment,
    CheckInChild,
    Children,
    ConsentToEnrolment,
    Enrolments,
    OneChild,
    OneEnrolment,
    PayEnrolment,
)

__all__ = [
    "CancelEnrolment",
    "CancelSession",
    "CheckInChild",
    "Children",
    "ClaimForSession",
    "ConsentToEnrolment",
    "Enrolments",
    "MentorsOfSession",
    "OneChild",
    "OneEnrolment",
    "OneProgramme",
    "OneSession",
    "PayEnrolment",
    "PlacesOfSession",
    "Programmes",
    "PublishSession",
    "SafetyOfSession",
    "Sessions",
]
