"""Who of those who run a session looked at what is sealed: written down as they look."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import User
from accounts.states import Role
from outreach.models import Child, Session
from outreach.permissions import may_coordinate
from records.services import note_access
from records.states import AccessKind


def looked_at(children: Iterable[Child], *, by: User, session: Session, with_health: bool = False) -> None:
    """A coordinator or a mentor was shown names, or health too. A guardian's own look is theirs and is not counted."""
    role = Role.COORDINATOR if may_coordinate(by, session.programme.organisation) else Role.MENTOR
    kind = AccessKind.HEALTH if with_health else AccessKind.CHILD
    note_access(kind, to=[each.pk for each in children if not each.erased_at], by=by, role=role)
