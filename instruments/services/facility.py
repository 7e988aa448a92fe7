"""How a facility is reached."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import WrongInput
from instruments.models import Facility
from instruments.permissions import refuse_unless_may_edit
from instruments.services.tidying import tidied

CONTACT = [
    *("contact_name", "contact_email", "contact_phone", "contact_hours_zh", "contact_hours_en"),
    *("contact_note_zh", "contact_note_en", "website", "building_zh", "building_en", "room"),
]


@transaction.atomic
def set_contact(facility: Facility, *, by: User, **fields: Any) -> Facility:
    """Say how a facility is reached (the fields in CONTACT). Raises NotAllowed, ValidationError and WrongInput."""
    facility = (
        Facility.objects.select_for_update(no_key=True, of=("self",)).select_related("organisation").get(pk=facility.pk)
    )
    refuse_unless_may_edit(by, facility)
    for name, value in tidied(Facility, fields).items():
        if name not in CONTACT:
            raise WrongInput(name, "unknown_field", _("There is no such field."))
        setattr(facility, name, value)
    if facility.website and not facility.website.lower().startswith(("http://", "https://")):
        raise WrongInput("website", "not_a_url", _("An address begins with http:// or https://."))
    facility.full_clean()
    facility.save()
    return facility
