"""Entering instruments into the catalogue, and bringing their records up to date."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from common.errors import WrongInput
from instruments.models import Facility, Instrument
from instruments.rules import faults_of_questions
from instruments.services.find import index


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
    instrument.organisation_id = instrument.facility.organisation_id
    index(instrument)
    instrument.version += 1 if instrument.pk else 0
    instrument.updated_at = timezone.now()
    instrument.full_clean()
    instrument.save()
    return instrument
