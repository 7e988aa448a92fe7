"""Who may do what to bookings."""

from __future__ import annotations

from accounts.models import User
from accounts.states import Role
from bookings.models import Booking
from instruments.models import Facility
from instruments.permissions import may_decide_at, runs


def is_theirs(user: User, booking: Booking) -> bool:
    """Whose it is, or who booked it for them; the laboratory that booked for somebody stays the other side."""
    if user.pk == booking.user_id:
        return True
    return user.pk == booking.booked_by_id and not runs(user, booking.instrument.facility)


def may_finish(user: User, draft: Booking) -> bool:
    """Send or drop a draft: whose it is, and whoever began it for them."""
    return user.pk in {draft.user_id, draft.booked_by_id}


def may_decide(user: User, booking: Booking) -> bool:
    """Lab admins of the instrument's facility."""
    return may_decide_at(user, booking.instrument.facility)


def may_cancel(user: User, booking: Booking) -> bool:
    """Who has it, and the laboratory."""
    return is_theirs(user, booking) or may_decide(user, booking)


def may_assist(user: User, booking: Booking) -> bool:
    """Check in and out, record use, settle problems: lab admins, operators and service accounts of the facility."""
    return runs(user, booking.instrument.facility)


def may_book_for(user: User, other: User, facility: Facility) -> bool:
    """The facility's own people for anybody; the principal investigator for members of the group."""
    return runs(user, facility) or user.led_groups.filter(admissions__person=other).exists()


def may_hold_for_youth(user: User, facility: Facility) -> bool:
    """Hold time for young people's programmes: the facility's own people, its institution's coordinators and admins."""
    speaks = {"organisation": facility.organisation_id, "role__in": (Role.COORDINATOR, Role.ADMIN)}
    return runs(user, facility) or user.memberships.confirmed().filter(**speaks).exists()


def may_talk(user: User, booking: Booking) -> bool:
    """Write in the thread of a booking: who has it, and the facility's own people."""
    return is_theirs(user, booking) or may_assist(user, booking)


def may_set_up(user: User, facility: Facility) -> bool:
    """Change policies, hours, closures: the facility's lab admins."""
    return may_decide_at(user, facility)
