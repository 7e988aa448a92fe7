"""Who may do what to instruments and their facilities."""

from __future__ import annotations

from django.utils import timezone

from accounts.models import User
from instruments.models import Facility


def may_decide_at(user: User, facility: Facility) -> bool:
    """Confirm and decline bookings, speak for the facility: its lab admins."""
    return user.facility_roles.standing(timezone.localdate()).admins().at(facility).exists()


def runs(user: User, facility: Facility) -> bool:
    """See who booked what: lab admins and operators."""
    return user.facility_roles.standing(timezone.localdate()).at(facility).exists()
