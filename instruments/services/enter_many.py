"""Entering many instruments at once: the twin of `enter_instrument`, in few statements and with the same rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.text import slugify

from instruments.models import Instrument
from instruments.services.find import INDEXED, index

# Foreign keys were just read from the database: asking it again for each would be most of the work.
LOOKED_UP = ["facility", "organisation", "category", "research_group", "merged_into", "confirmed_by"]
ALWAYS = [*INDEXED, "version", "updated_at"]


@transaction.atomic
def enter_many(instruments: Sequence[tuple[Instrument, Sequence[str]]], *, at: datetime) -> None:
    """Write new instruments, and of known ones (that the caller has locked) the named fields; all or none.

    Each is cleaned, searchable at once and, when it was there, a version further. What the database refuses is raised
    as it refuses it: the caller writes such a lot one by one. Raises ValidationError.
    """
    fresh = [instrument for instrument, _names in instruments if instrument.pk is None]
    give_slugs(each for each in fresh if not each.slug)
    for instrument, _names in instruments:
        instrument.organisation_id = instrument.facility.organisation_id
        index(instrument)
        instrument.version += 1 if instrument.pk else 0
        instrument.updated_at = at
        instrument.clean_fields(exclude=LOOKED_UP)
    Instrument.objects.bulk_create(fresh)
    new = {id(each) for each in fresh}
    for instrument, names in instruments:
        if id(instrument) not in new:
            instrument.save(update_fields=[*names, *ALWAYS])


def give_slugs(instruments: Iterable[Instrument]) -> None:
    """An address for each: facility and inner number; where that is taken or says nothing, with a mark of its own."""
    wanted = [(each, _plain_slug(each)) for each in instruments]
    taken = set(Instrument.objects.filter(slug__in={slug for _each, slug in wanted}).values_list("slug", flat=True))
    for each, slug in wanted:
        says_nothing = slug in taken or not slugify(each.inner_number)
        each.slug = f"{slug[:41].rstrip('-')}-{_mark(each)}" if says_nothing else slug
        taken.add(each.slug)


def _plain_slug(instrument: Instrument) -> str:
    return f"{instrument.facility.slug[:24]}-{slugify(instrument.inner_number)[:25]}".strip("-")


def _mark(instrument: Instrument) -> str:
    said = f"{instrument.facility.organisation_id} {instrument.inner_number}"
    return sha256(said.encode()).hexdigest()[:8]
