"""The one place where an enrolment's state changes, where its session is locked for that, and where a free place goes
to the next in line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.db import violations_mean
from common.errors import InFlight, Refusal, Refused
from notifications.states import EventKind
from outreach.models import NOT_OVERFULL, ONE_PLACE_AT_A_TIME, Enrolment, Session
from outreach.rules import due
from outreach.services.news import broadcast, tell_guardian
from outreach.states import HOLDS_PLACE, NEXT, NEXT_OF_SESSION, WAITS, EnrolmentState, SessionState

FULL = Refusal("full", gettext_lazy("The last place has just been taken."))
ELSEWHERE = Refusal("elsewhere_then", gettext_lazy("At this time the child is enrolled in another session."), "child")
RACES = {
    NOT_OVERFULL: Refused([FULL]),
    ONE_PLACE_AT_A_TIME: Refused([ELSEWHERE]),
    "enrolment_line_once": InFlight(),
}


def locked(enrolment: Enrolment) -> Enrolment:
    """The enrolment as it is now, with its session, which is held until this transaction ends.

    Whoever changes an enrolment holds its session: so places are counted, and lines kept, one at a time.
    """
    session = Session.objects.lock(enrolment.session_id)
    fresh = Enrolment.objects.with_everything().get(pk=enrolment.pk)
    fresh.session = session
    return fresh


def refuse_state(enrolment: Enrolment) -> None:
    """Raise `Refused` (`wrong_state`): what was asked cannot be done as the enrolment stands."""
    sentence = _("This cannot be done any more: the enrolment is “%(state)s”.")
    state = {"state": enrolment.get_state_display()}
    raise Refused([Refusal("wrong_state", sentence % state, values={"state": enrolment.state})])


def turn(enrolment: Enrolment, state: EnrolmentState, **fields: Any) -> Enrolment:
    """Go to `state`; a state that holds no place gives it back, one that waits for nobody never lapses."""
    if state not in NEXT[enrolment.state]:
        refuse_state(enrolment)
    change = (state in HOLDS_PLACE) - (enrolment.state in HOLDS_PLACE)
    if state not in WAITS:
        fields.setdefault("expires_at", None)
    if change:
        count(enrolment.session, change)
    write(enrolment, state=state, **fields)
    broadcast(enrolment, EventKind.ENROLMENT_CHANGED)
    return enrolment


def count(session: Session, change: int) -> None:
    """Take or give back places of a locked session; the database sees that there are never too many."""
    with violations_mean(RACES):
        Session.objects.filter(pk=session.pk).update(taken=F("taken") + change)
    session.taken += change


def write(enrolment: Enrolment, **fields: Any) -> Enrolment:
    """Change columns of a locked enrolment: its version goes up."""
    changes = {"version": enrolment.version + 1, "updated_at": timezone.now(), **fields}
    for name, value in changes.items():
        setattr(enrolment, name, value)
    with violations_mean(RACES):
        enrolment.save(update_fields=list(changes))
    return enrolment


def turn_session(session: Session, state: SessionState, **fields: Any) -> Session:
    """The same for a locked session."""
    if state not in NEXT_OF_SESSION[session.state]:
        sentence = _("This cannot be done any more: the session is “%(state)s”.")
        words = {"state": session.get_state_display()}
        raise Refused([Refusal("wrong_state", sentence % words, values={"state": session.state})])
    return write_session(session, state=state, **fields)


def write_session(session: Session, **fields: Any) -> Session:
    changes = {"version": session.version + 1, "updated_at": timezone.now(), **fields}
    for name, value in changes.items():
        setattr(session, name, value)
    with violations_mean(RACES):
        session.save(update_fields=list(changes))
    return session


def offer_places(session: Session, *, now: datetime) -> list[Enrolment]:
    """Offer what is free in a locked session to those who wait, strictly in the order in which they came.

    Each offer holds its place until its clock has run out.
    """
    free = session.places - session.taken
    if free <= 0 or session.state != SessionState.PUBLISHED or session.starts_at <= now:
        return []
    offered = []
    for enrolment in Enrolment.objects.filter(session=session).in_line().with_everything()[:free]:
        enrolment.session = session
        until = due(now, session.programme.offer_hours, begins=session.starts_at)
        turn(enrolment, EnrolmentState.OFFERED, offered_at=now, expires_at=until)
        tell_guardian(enrolment, "youth_place_offered")
        offered.append(enrolment)
    return offered
