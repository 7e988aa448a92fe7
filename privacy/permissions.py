"""Who may see what is counted of others."""

from __future__ import annotations

from accounts.models import User
from accounts.permissions import is_officer
from outreach.permissions import places_coordinated_by


def may_audit(user: User) -> bool:
    """The yearly audit of minors' data: the city's officers for all, coordinators for their own organisations."""
    return is_officer(user) or places_coordinated_by(user).exists()
