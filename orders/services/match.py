"""Whom to ask: the laboratories whose tests and instruments fit what was written, best first."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from instruments.models import Facility, Instrument, TestItem
from instruments.services import readings_of
from orders.models import Request

AT_MOST = 4  # asked at once
LOOKED_AT = 40


@dataclass(frozen=True)
class Match:
    """A laboratory, and the name of what made it fit."""

    facility: Facility
    why: str


def matches_for(request: Request) -> list[Match]:
    """The facility of the item or instrument that was named; else those whose records fit the words best."""
    named = request.test_item or request.instrument
    if named is not None:
        return [Match(named.facility, str(named.name))]
    return matches_to(" ".join(part for part in (request.problem, request.wanted, request.sample_kind) if part))


def matches_to(words: str) -> list[Match]:
    """At most four, of institutions that differ where there are enough of them."""
    readings = readings_of(words[:200])
    if readings is None:
        return []
    nobody = AnonymousUser()
    items = TestItem.objects.visible_to(nobody).matching(readings.of_items).best_first(readings.of_items)
    samples = Instrument.objects.visible_to(nobody).filter(takes_samples=True)
    instruments = samples.matching(readings.of_instruments).best_first(readings.of_instruments)
    found: dict[object, Match] = {}
    for records in (items, instruments):
        for record in records.select_related("facility__organisation")[:LOOKED_AT]:
            found.setdefault(record.facility_id, Match(record.facility, str(record.name)))
    return _spread(list(found.values()))


def _spread(matches: list[Match]) -> list[Match]:
    """One of each institution first, in the order of how well they fit."""
    seen: set[object] = set()
    first: list[Match] = []
    more: list[Match] = []
    for each in matches:
        (more if each.facility.organisation_id in seen else first).append(each)
        seen.add(each.facility.organisation_id)
    return [*first, *more][:AT_MOST]
