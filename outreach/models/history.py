"""What the database's own triggers write down. They name ids, never people: no field of a child is in here."""

from __future__ import annotations

import pghistory

from common.history import every_change
from outreach.models.enrolment import Consent, Enrolment
from outreach.models.programme import Programme
from outreach.models.session import MentorAssignment, Session


class ProgrammeEvent(every_change(Programme)):  # type: ignore[misc]
    """How a programme was changed."""


class SessionEvent(every_change(Session, exclude=["taken", "last_in_line"])):  # type: ignore[misc]
    """The life of a session."""


class MentorAssignmentEvent(every_change(MentorAssignment)):  # type: ignore[misc]
    """Who was to guide when."""


class EnrolmentEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Enrolment,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=["version", "updated_at", "code", "reason"])),
        exclude=["code", "reason"],  # the one is a secret, the other is written by hand and may name a child
        append_only=True,
    )
):
    """The life of an enrolment, one row a change."""


class ConsentEvent(every_change(Consent)):  # type: ignore[misc]
    """Consents given, refused and taken back."""
