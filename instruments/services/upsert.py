"""One record as a campus system sends it, by the number that it has there."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from common.errors import NotAllowed, PreconditionFailed, Refusal, Refused, WrongInput
from instruments.formats import in_words, objections_to_record
from instruments.formats.reasons import reason
from instruments.models import Instrument
from instruments.permissions import may_import
from instruments.services.enter import enter_instrument
from instruments.services.enter_many import give_slugs
from instruments.services.judge import record_of
from instruments.services.places import Places


@transaction.atomic
def upsert(
    organisation: Organisation, inner_number: str, *, by: User, given: dict[str, Any], versions: set[int] | None = None
) -> tuple[Instrument, bool]:
    """Enter the record with this inner number, or change the fields that are given; whether it is new.

    `versions`: only if it stands at one of these (none for a new one). Raises NotAllowed, WrongInput,
    PreconditionFailed, and Refused for a record that was merged into another.
    """
    if not may_import(by, organisation):
        raise NotAllowed(_("Only the institution's admins, its lab admins and the city's officers may do this."))
    # Two programs that send a new number at once: the second finds the first one's record.
    Organisation.objects.select_for_update(no_key=True).get(pk=organisation.pk)
    known = Instrument.objects.select_for_update(no_key=True, of=("self",)).select_related("facility__organisation")
    instrument = known.filter(organisation=organisation, inner_number=inner_number).first()
    if versions is not None and (instrument is None or instrument.version not in versions):
        raise PreconditionFailed
    if instrument and instrument.merged_into_id:
        raise Refused([Refusal("merged", in_words(reason("merged")))])
    fields = _complete(given, instrument)
    objects, reasons = Places(organisation, by=by).resolve(fields, instrument=instrument)
    stands = record_of(instrument or Instrument())
    reasons += objections_to_record({**stands, **fields})
    for each in reasons:
        if each["code"] == "not_your_facility":
            raise NotAllowed(in_words(each))
        raise WrongInput(each["field"], each["code"], in_words(each))
    shown = instrument or Instrument(inner_number=inner_number, facility=objects["facility"])
    if instrument is None:
        give_slugs([shown])
    facility = objects.pop("facility", shown.facility)
    places = {name: objects[name] for name in fields if name in objects}
    values = {**fields, **places, "inner_number": inner_number}
    values.pop("facility", None)
    return enter_instrument(facility, slug=shown.slug, **values), instrument is None


def _complete(given: dict[str, Any], instrument: Instrument | None) -> dict[str, Any]:
    """A new record's Chinese name is its English one where it has no other."""
    fields = dict(given)
    if instrument is None:
        fields["name_zh"] = fields.get("name_zh") or fields.get("name_en") or ""
    if "name_zh" in fields and not fields["name_zh"]:
        raise WrongInput("name_zh", "no_name", in_words(reason("no_name", "name_zh")))
    return fields
