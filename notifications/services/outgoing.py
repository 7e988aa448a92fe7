"""What sending a mail and calling a webhook have in common: one worker has the row, and failures wait longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from notifications.models import Outgoing
from notifications.querysets import OutgoingQuerySet, Row
from notifications.states import DeliveryState

log = structlog.get_logger()

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=12)
# How long one worker has a row to itself: longer than any talk with a mail server or a webhook lasts.
LEASE = timedelta(minutes=5)
AT_A_TIME = 200


def wait_after(attempts: int) -> timedelta:
    """How long until the next try: 30 s, 1 min, 2 min, … 12 h; twelve tries last about 17 hours, seventeen 77."""
    return min(FIRST_WAIT * (1 << max(attempts - 1, 0)), LONGEST_WAIT)


@transaction.atomic
def claim(due: OutgoingQuerySet[Row]) -> Row | None:
    """Take the first of these and put its next try into the future: a worker killed while sending loses nothing.

    Nobody else takes it while it is being sent; a failure puts the next try nearer.
    """
    row = due.select_for_update(skip_locked=True, of=("self",)).first()
    if row:
        row.attempts += 1
        row.due_at, row.last_error = timezone.now() + LEASE, ""
        row.save(update_fields=["attempts", "due_at", "last_error"])
    return row


def note_sent(row: Outgoing, **more: Any) -> None:
    _note(row, state=DeliveryState.SENT, sent_at=timezone.now(), last_error="", **more)


def note_failure(row: Outgoing, reason: str, *, tries: int, **more: Any) -> None:
    """To be tried again later, or never when that was the last of the `tries`."""
    state = DeliveryState.DEAD if row.attempts >= tries else DeliveryState.WAITING
    due_at = timezone.now() + wait_after(row.attempts)
    _note(row, state=state, due_at=due_at, last_error=reason[:300], **more)
    log.warning("not_sent", what=row._meta.model_name, row=str(row.pk), attempts=row.attempts)


def _note(row: Outgoing, **fields: Any) -> None:
    """An update, not a save: who deleted the row while it was being sent has it deleted."""
    type(row)._default_manager.filter(pk=row.pk).update(**fields)


def start_anew(row: Outgoing) -> None:
    """As if it had never been tried."""
    row.state, row.attempts, row.due_at = DeliveryState.WAITING, 0, timezone.now()
    row.save(update_fields=["state", "attempts", "due_at"])
