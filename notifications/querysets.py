from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from notifications.states import MailState

if TYPE_CHECKING:
    from notifications.models import Mail, Notice  # noqa: F401 (the names in quotes below)


class NoticeQuerySet(QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        return self.filter(reader=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def due(self, at: datetime) -> NoticeQuerySet:
        """What the bell shows by then; what is told later may still be taken back unseen."""
        return self.filter(due_at__lte=at)


class MailQuerySet(QuerySet["Mail"]):
    def waiting(self) -> MailQuerySet:
        return self.filter(state=MailState.WAITING)

    def due(self, at: datetime) -> MailQuerySet:
        """Waiting mails whose time has come, the longest waiting first."""
        return self.waiting().filter(due_at__lte=at).order_by("due_at")

    def dead(self) -> MailQuerySet:
        return self.filter(state=MailState.DEAD)
