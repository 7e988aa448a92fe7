"""Who looked at what is sealed: written down where it is opened, kept for three years."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import structlog
from django.utils import timezone

from records.models import Access
from records.rules import kept_for
from records.states import AccessKind


def note_access(kind: AccessKind, *, to: Iterable[Any], by: Any, role: str) -> None:
    """Write down that `by` has looked at something of each of these, as what; one statement."""
    request = structlog.contextvars.get_contextvars().get("request_id", "")
    rows = [Access(kind=kind, by_id=by.pk, role=role, subject_id=str(pk), request=request) for pk in to]
    Access.objects.bulk_create(rows)


def forget_old_accesses() -> int:
    """Delete those whose three years are over; returns how many."""
    return Access.objects.filter(at__lt=timezone.now() - kept_for("accesses")).delete()[0]
