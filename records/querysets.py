from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from records.states import JobState

if TYPE_CHECKING:
    from records.models import Access, Job, StoredFile  # noqa: F401 (the names in quotes below)


class JobQuerySet(QuerySet["Job"]):
    def of(self, owner: Any) -> JobQuerySet:
        return self.filter(owner=owner)

    def due(self, at: datetime) -> JobQuerySet:
        """Queued, or left behind by a worker whose lease is over."""
        left = Q(state=JobState.RUNNING, lease_until__lt=at)
        return self.filter(Q(state=JobState.QUEUED) | left).order_by("created_at")


class StoredFileQuerySet(QuerySet["StoredFile"]):
    def public_at(self, sha256: str) -> StoredFileQuerySet:
        """Those at an address for all. Several may hold the same bytes; any of them will do."""
        return self.filter(public=True, sha256=sha256).order_by("pk")


class AccessQuerySet(QuerySet["Access"]):
    def to(self, subjects: Iterable[Any]) -> AccessQuerySet:
        return self.filter(subject_id__in=[str(each) for each in subjects])

    def between(self, since: datetime, until: datetime) -> AccessQuerySet:
        return self.filter(at__gte=since, at__lt=until)
