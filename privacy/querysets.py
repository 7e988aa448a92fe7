from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from privacy.states import STANDS

if TYPE_CHECKING:
    from privacy.models import Erasure  # noqa: F401 (the name in quotes below)


class ErasureQuerySet(QuerySet["Erasure"]):
    def of(self, person: Any) -> ErasureQuerySet:
        return self.filter(person=person)

    def standing(self) -> ErasureQuerySet:
        return self.filter(state__in=sorted(STANDS))

    def due(self, at: datetime) -> ErasureQuerySet:
        """What is to begin by then, and what was begun so long before that nobody works at it any more."""
        return self.standing().filter(due_at__lte=at).order_by("due_at")
