from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from privacy.states import STANDS, ErasureState

if TYPE_CHECKING:
    from privacy.models import Erasure  # noqa: F401 (the name in quotes below)


class ErasureQuerySet(QuerySet["Erasure"]):
    def of(self, person: Any) -> ErasureQuerySet:
        return self.filter(person=person)

    def standing(self) -> ErasureQuerySet:
        return self.filter(state__in=sorted(STANDS))

    def due(self, at: datetime) -> ErasureQuerySet:
        return self.filter(state=ErasureState.ASKED, due_at__lte=at).order_by("due_at")
