"""Who may do what to instruments and their facilities."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.permissions import is_officer, may_govern
from instruments.models import Facility, FacilityRole


def may_decide_at(user: User, facility: Facility) -> bool:
    """Confirm and decline bookings, speak for the facility: its lab admins."""
    return user.facility_roles.standing(timezone.localdate()).admins().at(facility).exists()


def runs(user: User, facility: Facility) -> bool:
    """See who booked what: lab admins and operators."""
    return user.facility_roles.standing(timezone.localdate()).at(facility).exists()


def may_edit_for(user: User, organisation: Organisation) -> bool:
    """Enter and bring up to date the records of an institution: its admins and the city's officers."""
    return may_govern(user, organisation) or is_officer(user)


def may_edit_at(user: User, facility: Facility) -> bool:
    """Bring the records of a facility up to date: its lab admins, its institution's admins, the city's officers."""
    return may_decide_at(user, facility) or may_edit_for(user, facility.organisation)


def administers_in(user: User, organisation: Organisation) -> QuerySet[FacilityRole]:
    """The facilities of an institution whose lab admin somebody is, as their roles there."""
    return user.facility_roles.standing(timezone.localdate()).admins().filter(facility__organisation=organisation)


def may_import(user: User, organisation: Organisation) -> bool:
    """Hand in tables: who may edit all of an institution's records, and its lab admins for their own facilities."""
    return may_edit_for(user, organisation) or administers_in(user, organisation).exists()


def speaks_for(user: User, organisation: Organisation) -> bool:
    """Confirm records of an institution: its admins, and its lab admins for their own facilities; nobody else."""
    return may_govern(user, organisation) or administers_in(user, organisation).exists()
