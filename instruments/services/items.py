"""Test items: what a laboratory tests for others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from common.errors import WrongInput
from instruments.models import Accreditation, Facility, Instrument, TestItem
from instruments.rules import faults_of_questions
from instruments.services.find import index


@transaction.atomic
def enter_test_item(
    facility: Facility,
    *,
    slug: str,
    instruments: Iterable[Instrument] | None = None,
    accreditations: Iterable[Mapping[str, Any]] | None = None,
    **fields: Any,
) -> TestItem:
    """Enter a test item, or bring the one with this slug up to date; it can be found at once.

    `instruments` and `accreditations` (scheme, certificate, scope, until) replace what is there; None leaves them.
    Raises ValidationError or WrongInput for what the fields do not allow.
    """
    item = TestItem.objects.filter(slug=slug).first() or TestItem(slug=slug)
    if item.pk and item.facility_id != facility.pk:
        raise WrongInput("slug", "taken", "This address belongs to a test item of another facility.")
    for name, value in {"facility": facility, **fields}.items():
        setattr(item, name, value)
    if faults := faults_of_questions(item.questions):
        raise WrongInput("questions", "invalid", " ".join(faults))
    item.version += 1 if item.pk else 0
    item.updated_at = timezone.now()
    item.full_clean()
    item.save()
    if instruments is not None:
        item.instruments.set(instruments)
    if accreditations is not None:
        item.accreditations.all().delete()
        for each in accreditations:
            accreditation = Accreditation(test_item=item, **each)
            accreditation.full_clean()
            accreditation.save()
    # The names of its instruments are among the words under which it is found.
    index(item)
    item.save(update_fields=["search_document", "search_vector"])
    return item
