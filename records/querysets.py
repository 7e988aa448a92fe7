from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from records.states import JobState

if TYPE_CHECKING:
    from records.models import Job  # noqa: F401 (the name in quotes below)


class JobQuerySet(QuerySet["Job"]):
    def of(self, owner: Any) -> JobQuerySet:
        return self.filter(owner=owner)

    def due(self, at: datetime) -> JobQuerySet:
        """Queued, or left behind by a worker whose lease is over."""
        left = Q(state=JobState.RUNNING, lease_until__lt=at)
        return self.filter(Q(state=JobState.QUEUED) | left).order_by("created_at")
