from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from common.metrics import EVENTS
from notifications.models import Event
from notifications.services.tell import Subject
from notifications.states import EventKind
from records.rules import kept_for

KEPT_FOR = kept_for("events")


def announce(kind: str, *, about: Subject, to: Iterable[UUID], href: str) -> None:
    """Let the programs of these users know what happened, as soon as the caller's transaction commits.

    `href` is the subject's path in the API. Raises ValueError for a kind that is not in `EventKind`.
    """
    Event.objects.create(kind=EventKind(kind), subject_id=str(about.pk), href=href, audience=[*{*to}])
    transaction.on_commit(EVENTS.labels(kind).inc)


def forget_old_events() -> int:
    """Delete the events that are past their 30 days, and what is known of their deliveries; returns how many rows."""
    return Event.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]
