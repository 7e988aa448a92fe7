"""REST: programmes, sessions, children and their enrolments."""

from outreach.api.catalogue import OneProgramme, OneSession, Programmes, Sessions
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
    "CheckInChild",
    "Children",
    "ConsentToEnrolment",
    "Enrolments",
    "OneChild",
    "OneEnrolment",
    "OneProgramme",
    "OneSession",
    "PayEnrolment",
    "Programmes",
    "Sessions",
]
