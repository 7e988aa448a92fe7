"""How an instrument stands, and under which address."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from instruments.models import Facility, Instrument, TestItem
from instruments.states import Status


def address_for(record: type[Instrument] | type[TestItem], facility: Facility, *, name_en: str) -> str:
    """A free slug for a new record: from its English name, else from its facility; with a number where it is taken.

    Only a proposal: the unique column judges between two who are given the same at once.
    """
    wanted = slugify(name_en)[:40].strip("-") or facility.slug[:40]
    taken = set(record._default_manager.filter(slug__startswith=wanted).values_list("slug", flat=True))
    numbered = (f"{wanted}-{number}" for number in count(2))
    return wanted if wanted not in taken else next(each for each in numbered if each not in taken)


def set_status(instrument: Instrument, status: Status, **with_it: Any) -> Instrument:
    """Open, limit, maintain or retire an instrument that the caller has locked; `with_it`: fields that go along."""
    fields = {"status": status, "version": instrument.version + 1, "updated_at": timezone.now(), **with_it}
    for name, value in fields.items():
        setattr(instrument, name, value)
    instrument.save(update_fields=[*fields])
    return instrument


def put_away(instrument: Instrument, *, merged_into: Instrument | None = None) -> Instrument:
    """Retire an instrument that the caller has locked, or let its address lead to the one it was merged into."""
    today = timezone.localdate()
    last_day = instrument.decommissioned_on or max(today, instrument.commissioned_on or today)
    return set_status(instrument, Status.RETIRED, merged_into=merged_into, decommissioned_on=last_day)
