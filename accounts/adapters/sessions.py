"""Sessions in the database, asked for in SQL that is put together once a day: every page begins with one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from common.asked import Asked


def _live(key: str, now: datetime) -> QuerySet[Session, Any]:
    return Session.objects.filter(session_key=key, expire_date__gt=now)


_LIVE: Asked[Session] = Asked(_live)


class SessionStore(db.SessionStore):
    """Django's, but for how a session that is live is found."""

    def _get_session_from_db(self) -> Session | None:
        found = _LIVE.of(day=timezone.localdate(), key=self.session_key, now=timezone.now())
        if found:
            return found[0]  # type: ignore[no-any-return]
        self._session_key = None
        return None
