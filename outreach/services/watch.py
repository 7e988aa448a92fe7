"""What goes on by itself: sessions that lost what they need, and data whose time is over."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from common.sealed import destroy_key, subjects_with_keys
from outreach.models import Child, Session
from outreach.rules import objections_of_safety
from outreach.services.facts import session_facts
from outreach.services.family import erase
from outreach.services.news import tell_coordinators
from outreach.services.turn import write_session
from outreach.states import IS_COMING, SessionState
from records.rules import kept_for

log = structlog.get_logger()

IDLE = kept_for("idle_children")  # how long a child that is in no session is kept
LEFT_ALONE = kept_for("keys_of_children")  # longer than any transaction that is on its way to a row


def watch_sessions(*, now: datetime) -> int:
    """Flag published sessions that lost time, mentors or safety, and tell their coordinators once; returns how many.

    By state, not by events: whatever took the time away (a fault, a closure, a cancellation for safety) is seen.
    """
    return sum(_watch(each, now=now) for each in Session.objects.to_be_watched(now))


@transaction.atomic
def _watch(session: Session, *, now: datetime) -> bool:
    session = Session.objects.lock(session.pk)
    if session.state != SessionState.PUBLISHED:
        return False
    missing = objections_of_safety(session_facts(session, now=now))
    if bool(missing) == bool(session.flagged_at):
        return False
    write_session(session, flagged_at=now if missing else None)
    if missing:
        tell_coordinators(session, "youth_session_flagged", occasion=f"v{session.version}")
    return bool(missing)


def erase_due(*, today: date) -> int:
    """Erase the children's data of sessions whose retention is over, and of children who are in none; counts stay."""
    for session in Session.objects.to_be_erased(today):
        _erase_session(session)
    idle = Child.objects.to_be_erased(timezone.now(), idle=IDLE)
    return sum(_erase_child(each) for each in idle)


@transaction.atomic
def _erase_session(session: Session) -> None:
    """From now on nothing keeps its children's data; those who are in no other session are erased with it."""
    session = Session.objects.lock(session.pk)
    if session.erased_at:
        return
    enrolments = session.enrolments.all()
    counts = Counter(enrolments.values_list("state", flat=True))
    children = list(enrolments.values_list("child", flat=True))
    enrolments.update(reason="", paid_reference="")
    write_session(session, erased_at=timezone.now(), counts=dict(counts))
    for child in Child.objects.filter(pk__in=children).to_be_erased(timezone.now(), idle=timedelta(0)):
        _erase_child(child)


@transaction.atomic
def _erase_child(child: Child) -> bool:
    child = Child.objects.select_for_update(no_key=True).get(pk=child.pk)
    if child.erased_at or child.enrolments.filter(state__in=sorted(IS_COMING)).exists():
        return False
    erase(child)
    return True


def sweep_keys() -> int:
    """Destroy the keys of children who were erased or never came to be (a crash, a rollback); returns how many."""
    before = (timezone.now() - LEFT_ALONE).timestamp()
    old = {subject for subject, place in subjects_with_keys() if place.stat().st_mtime < before}
    erased = set(Child.objects.exclude(erased_at=None).values_list("pk", flat=True))
    known = set(Child.objects.filter(pk__in=old, erased_at=None).values_list("pk", flat=True))
    gone = {subject for subject, _place in subjects_with_keys() if subject in erased} | (old - known)
    for subject in gone:
        destroy_key(subject)
    if gone:
        log.warning("keys_without_children_swept", count=len(gone))
    return len(gone)
