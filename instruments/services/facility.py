"""How a facility is reached: in words, and by a QR picture."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import WrongInput
from common.uploads.arriving import Readable
from instruments.models import Facility
from instruments.permissions import refuse_unless_may_edit
from instruments.services.tidying import tidied
from records.services import drop_file, keep_picture

CONTACT = [
    *("contact_name", "contact_email", "contact_phone", "contact_hours_zh", "contact_hours_en"),
    *("contact_note_zh", "contact_note_en", "website", "building_zh", "building_en", "room"),
]


@transaction.atomic
def set_contact(facility: Facility, *, by: User, **fields: Any) -> Facility:
    """Say how a facility is reached (the fields in CONTACT). Raises NotAllowed, ValidationError and WrongInput."""
    facility = _kept_by(facility, by)
    for name, value in tidied(Facility, fields).items():
        if name not in CONTACT:
            raise WrongInput(name, "unknown_field", _("There is no such field."))
        setattr(facility, name, value)
    if facility.website and not facility.website.lower().startswith(("http://", "https://")):
        raise WrongInput("website", "not_a_url", _("An address begins with http:// or https://."))
    facility.full_clean()
    facility.save()
    return facility


@transaction.atomic
def set_qr_picture(facility: Facility, *, file: Readable | None, by: User) -> Facility:
    """Show a QR picture (of a chat group, an official account) with the contact; None takes it away."""
    facility = _kept_by(facility, by)
    before = facility.qr_picture
    facility.qr_picture = keep_picture(file, by=by, public=True) if file else None
    facility.save(update_fields=["qr_picture"])
    if before:
        drop_file(before, by=by)
    return facility


def _kept_by(facility: Facility, by: User) -> Facility:
    """The facility, locked, of somebody who may edit its records. Raises NotAllowed."""
    found = Facility.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation")
    facility = found.get(pk=facility.pk)
    refuse_unless_may_edit(by, facility)
    return facility
