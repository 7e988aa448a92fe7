"""What the names in a table mean in the catalogue: facilities, categories, research groups."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from accounts.models import Organisation, ResearchGroup, User
from common.text import folded
from instruments.formats import Fields, Reasons, reason
from instruments.models import Category, Facility, Instrument
from instruments.permissions import administers_in, may_edit_for

Named = dict[str, list[Any]]


class Places:
    """The facilities and research groups of one organisation, and all categories, by every name that they have.

    Read once for a table; `by` is who hands it in, and may put records into the facilities `allowed`.
    """

    def __init__(self, organisation: Organisation, *, by: User) -> None:
        self.organisation = organisation
        facilities = list(Facility.objects.filter(organisation=organisation).select_related("organisation"))
        if may_edit_for(by, organisation):
            self.allowed = {each.pk for each in facilities}
        else:
            self.allowed = set(administers_in(by, organisation).values_list("facility", flat=True))
        mine = [each for each in facilities if each.pk in self.allowed]
        self.only = mine[0] if len(mine) == 1 else None
        self._facilities = _named((each, [each.slug, each.name_zh, each.name_en]) for each in facilities)
        self._categories = _named(
            (each, [label_of(each), each.code, each.name_zh, each.name_en, f"{each.code} {each.name_zh}"])
            for each in Category.objects.all()
        )
        groups = ResearchGroup.objects.filter(organisation=organisation)
        self._groups = _named((each, [str(each.pk), each.name_zh, each.name_en]) for each in groups)
        self._own_names = {
            folded(name)
            for name in (organisation.name_zh, organisation.name_en, organisation.uscc or "", str(organisation.pk))
        }

    def resolve(self, fields: Fields, *, instrument: Instrument | None) -> tuple[dict[str, Any], Reasons]:
        """The objects that a line names (the names in `fields` become their own), and which names mean nothing."""
        reasons: Reasons = []
        objects: dict[str, Any] = {}
        organisation = fields.pop("organisation", "")
        if organisation and folded(organisation) not in self._own_names:
            reasons.append(reason("other_organisation", "organisation", value=organisation))
        for name, known, kind in (
            ("facility", self._facilities, "facility"),
            ("category", self._categories, "category"),
            ("research_group", self._groups, "group"),
        ):
            if name not in fields:
                continue
            found = known.get(folded(fields[name]), []) if fields[name] else [None]
            if len(found) == 1:
                objects[name], fields[name] = found[0], label_of(found[0])
            elif not _as_it_stands(instrument, name, fields[name]):
                code = "ambiguous" if found else "unknown"
                reasons.append(reason(f"{code}_{kind}", name, value=fields[name]))
        reasons += self._of_facility(fields, objects, instrument)
        return objects, reasons

    def _of_facility(self, fields: Fields, objects: dict[str, Any], instrument: Instrument | None) -> Reasons:
        """A new record needs a facility; nobody moves records out of or into a facility that is not theirs."""
        if instrument is None and "facility" not in fields:
            if self.only is None:
                return [reason("no_facility", "facility")]
            objects["facility"], fields["facility"] = self.only, self.only.slug
        concerned = [each for each in (objects.get("facility"), instrument and instrument.facility) if each]
        strange = [each for each in concerned if each.pk not in self.allowed]
        return [reason("not_your_facility", "facility", value=each.slug) for each in strange[:1]]


def _named(things: Any) -> Named:
    found: Named = defaultdict(list)
    for thing, names in things:
        for name in {folded(name) for name in names if name}:
            found[name].append(thing)
    return found


def _as_it_stands(instrument: Instrument | None, name: str, said: str) -> bool:
    """A name that means nothing here is let pass where it is what the record says already."""
    return bool(instrument) and folded(label_of(getattr(instrument, name))) == folded(said)


def label_of(thing: Any) -> str:
    """How a table names something that is looked up."""
    if isinstance(thing, Facility):
        return thing.slug
    if isinstance(thing, Category):
        return f"{thing.scheme_id}:{thing.code}"
    return str(thing.name_zh) if thing else ""
