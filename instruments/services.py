"""What changes the catalogue."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from common.errors import WrongInput
from common.text import search_text
from instruments.models import Facility, FacilityRole, Instrument
from instruments.rules import faults_of_questions
from instruments.states import Status


@transaction.atomic
def enter_instrument(facility: Facility, *, slug: str, **fields: Any) -> Instrument:
    """Enter an instrument into the catalogue, or bring the one with this slug up to date; it can be found at once.

    Raises ValidationError or WrongInput for what the fields do not allow.
    """
    instrument = Instrument.objects.filter(slug=slug).first() or Instrument(slug=slug)
    for name, value in {"facility": facility, **fields}.items():
        setattr(instrument, name, value)
    if faults := faults_of_questions(instrument.questions):
        raise WrongInput("questions", "invalid", " ".join(faults))
    instrument.search_document = search_document_of(instrument)
    instrument.version += 1 if instrument.pk else 0
    instrument.updated_at = timezone.now()
    instrument.full_clean()
    instrument.save()
    return instrument


def search_document_of(instrument: Instrument) -> str:
    """All the words under which people look for an instrument, in both languages."""
    facility, category = instrument.facility, instrument.category
    return search_text(
        instrument.name_zh,
        instrument.name_en,
        instrument.model,
        instrument.manufacturer,
        instrument.inner_number,
        *instrument.keywords,
        *instrument.techniques,
        instrument.summary_zh,
        instrument.summary_en,
        facility.name_zh,
        facility.name_en,
        facility.organisation.name_zh,
        facility.organisation.name_en,
        *((category.name_zh, category.name_en) if category else ()),
    )


@transaction.atomic
def entrust(facility: Facility, *, to: User, duty: str) -> FacilityRole:
    """Let somebody run the facility, as lab admin or operator."""
    return FacilityRole.objects.get_or_create(facility=facility, user=to, duty=duty)[0]


def set_status(instrument: Instrument, status: Status) -> Instrument:
    """Open, limit, maintain or retire an instrument that the caller has locked."""
    instrument.status, instrument.version, instrument.updated_at = status, instrument.version + 1, timezone.now()
    instrument.save(update_fields=["status", "version", "updated_at"])
    return instrument
