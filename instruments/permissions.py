"""Who may do what to instruments and their facilities."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from accounts.permissions import is_officer, may_govern
from common.errors import NotAllowed
from instruments.models import Document, Facility, FacilityRole
from instruments.states import DocumentFor


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


def may_staff(user: User, facility: Facility) -> bool:
    """Say who runs a facility: its lab admins, and its institution's admins."""
    return may_decide_at(user, facility) or may_govern(user, facility.organisation)


def readable(documents: Iterable[Document], user: User | AnonymousUser, facility: Facility) -> list[Document]:
    """Those that somebody reads, of a record that they see; who they are is asked only where it matters."""
    found = list(documents)
    reads = documents_for(user, facility) if found else set()
    return [each for each in found if each.readers in reads]


def may_read(user: User | AnonymousUser, document: Document) -> bool:
    """See the record that it belongs to, and be among its readers."""
    record = document.record
    reads = documents_for(user, record.facility)
    seen = DocumentFor.LAB in reads or type(record)._default_manager.visible_to(user).filter(pk=record.pk).exists()
    return seen and document.readers in reads


def documents_for(user: User | AnonymousUser, facility: Facility) -> set[DocumentFor]:
    """Which documents of a facility's records somebody reads, where they see the record."""
    if not isinstance(user, User):
        return {DocumentFor.EVERYONE}
    at_home = runs(user, facility) or may_edit_for(user, facility.organisation)
    return {DocumentFor.EVERYONE, DocumentFor.SIGNED_IN, *([DocumentFor.LAB] if at_home else [])}


def refuse_unless_may_edit(user: User, *facilities: Facility) -> None:
    """Raise NotAllowed unless somebody may edit the records of each of these facilities."""
    if not all(may_edit_at(user, facility) for facility in facilities):
        raise NotAllowed(_("Only the laboratory's admins, its institution's and the city's officers may do this."))


def may_post_for(user: User, owner: Facility | Organisation | None) -> bool:
    """Keep a board and its guides: who may edit the records there; of the whole city (None), its officers."""
    if owner is None:
        return is_officer(user)
    return may_edit_at(user, owner) if isinstance(owner, Facility) else may_edit_for(user, owner)


def administers_in(user: User, organisation: Organisation) -> QuerySet[FacilityRole]:
    """The facilities of an institution whose lab admin somebody is, as their roles there."""
    return user.facility_roles.standing(timezone.localdate()).admins().filter(facility__organisation=organisation)


def may_import(user: User, organisation: Organisation) -> bool:
    """Hand in tables: who may edit all of an institution's records, and its lab admins for their own facilities."""
    return may_edit_for(user, organisation) or administers_in(user, organisation).exists()


def speaks_for(user: User, organisation: Organisation) -> bool:
    """Confirm records of an institution: its admins, and its lab admins for their own facilities; nobody else."""
    return may_govern(user, organisation) or administers_in(user, organisation).exists()
