"""What a line of a table would do to the catalogue: the same for looking through and for applying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from common.errors import WrongInput
from instruments.formats import (
    FIELDS,
    FORMATS,
    PLACES,
    Fields,
    Reasons,
    changes_between,
    objections_to_record,
    reason,
)
from instruments.models import Instrument, InstrumentImport
from instruments.rules import faults_of_questions
from instruments.services.places import Places, label_of
from instruments.states import Status, Verdict

Line = tuple[int, Mapping[str, str]]
NOT_STORED = {"original_value_wan", "organisation"}
PLAIN = [each.name for each in FIELDS if each.name not in {*PLACES, *NOT_STORED}]


@dataclass
class Judged:
    """A line, the record that it is about, what it would change, and why it cannot."""

    line: int
    cells: Mapping[str, str]
    fields: Fields
    instrument: Instrument | None = None
    objects: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    reasons: Reasons = field(default_factory=list)

    @property
    def verdict(self) -> Verdict:
        if self.reasons:
            return Verdict.WRONG
        if self.instrument is None:
            return Verdict.NEW
        return Verdict.CHANGED if self.changes else Verdict.UNCHANGED

    @property
    def identities(self) -> list[tuple[str, Any]]:
        """By what the record is known: two lines that share one are about the same record."""
        named = [(name, self.fields.get(name)) for name in ("inner_number", "slug")]
        known = [("pk", self.instrument.pk)] if self.instrument else []
        return [each for each in named if each[1]] + known


class Judge:
    """Judges the lines of one import, some hundreds at a time, in a fixed number of statements each time."""

    def __init__(self, source: InstrumentImport, *, by: User) -> None:
        self.organisation = source.organisation
        # In the order of the columns, which PostgreSQL does not keep: reasons come as one reads the line.
        self.mapping = {each: source.mapping[each] for each in source.headers if each in source.mapping}
        self.format = FORMATS[source.format]
        self.places = Places(source.organisation, by=by)
        self.usual = record_of(Instrument())

    def judge(self, lines: Sequence[Line], *, among: QuerySet[Instrument] | None = None) -> list[Judged]:
        """What each line would do; `among` are the instruments to look in (locked ones, when it is to be done)."""
        read = [(line, cells, *self.format.record_of(cells, self.mapping)) for line, cells in lines]
        judged = [Judged(line, cells, fields, reasons=reasons) for line, cells, fields, reasons in read]
        by_number, by_slug = self._known(judged, Instrument.objects.all() if among is None else among)
        for each in judged:
            if each.reasons and not each.fields:
                continue
            self._find(each, by_number, by_slug)
            self._look(each)
        return judged

    def _known(
        self, judged: list[Judged], among: QuerySet[Instrument]
    ) -> tuple[dict[str, Instrument], dict[str, Instrument]]:
        numbers = {each.fields["inner_number"] for each in judged if each.fields.get("inner_number")}
        slugs = {each.fields["slug"] for each in judged if each.fields.get("slug")}
        named = Q(organisation=self.organisation, inner_number__in=numbers) | Q(slug__in=slugs)
        found = list(
            among.filter(named).select_related("facility__organisation", "category", "research_group").order_by("pk")
        )
        own = [each for each in found if each.organisation_id == self.organisation.pk]
        return {each.inner_number: each for each in own}, {each.slug: each for each in found}

    def _find(self, each: Judged, by_number: dict[str, Instrument], by_slug: dict[str, Instrument]) -> None:
        number, slug = each.fields.get("inner_number"), each.fields.get("slug")
        if not number and not slug and not {"inner_number", "slug"} & _named_in(each.reasons):
            each.reasons.append(reason("no_number", "inner_number"))
        named = by_slug.get(slug) if slug else None
        each.instrument = by_number.get(number) if number else None
        if each.instrument is None and named and named.organisation_id == self.organisation.pk:
            each.instrument = named
        if named and named != each.instrument:
            each.reasons.append(reason("slug_taken", "slug", value=slug))
        elif each.instrument and slug and each.instrument.slug != slug:
            each.reasons.append(reason("slug_differs", "slug", value=each.instrument.slug))

    def _look(self, each: Judged) -> None:
        """Names, contradictions, and what differs from the record as it stands."""
        stands = record_of(each.instrument) if each.instrument else self.usual
        if not stands["name_zh"] and not each.fields.get("name_zh"):
            each.fields["name_zh"] = each.fields.get("name_en") or ""
        if not each.fields.get("name_zh", stands["name_zh"]) and "name_zh" not in _named_in(each.reasons):
            each.reasons.append(reason("no_name", "name_zh"))
        each.objects, reasons = self.places.resolve(each.fields, instrument=each.instrument)
        each.reasons += reasons
        each.changes = changes_between(stands, each.fields)
        each.reasons += objections_to_record({**stands, **each.fields})
        if "questions" in each.changes:
            each.reasons += _of_questions(each.fields["questions"])
        if each.changes and each.instrument and each.instrument.merged_into_id:
            each.reasons.append(reason("merged"))


def _named_in(reasons: Reasons) -> set[str]:
    """The fields that have a reason of their own already."""
    return {each["field"] for each in reasons}


def _of_questions(questions: Any) -> Reasons:
    try:
        return [reason("not_questions", "questions")] if faults_of_questions(questions) else []
    except (WrongInput, AttributeError, KeyError):
        return [reason("not_questions", "questions")]


def record_of(instrument: Instrument) -> Fields:
    """An instrument as the fields that a table can say."""
    record: Fields = {name: getattr(instrument, name) for name in PLAIN}
    for name in PLACES:
        record[name] = label_of(getattr(instrument, name)) if getattr(instrument, f"{name}_id") else ""
    return record


def fill(each: Judged) -> tuple[Instrument, list[str]]:
    """The instrument with what the line says put in, and the names of the fields that changed."""
    instrument = each.instrument or Instrument()
    changed = [name for name in each.changes if name not in NOT_STORED]
    for name in changed:
        setattr(instrument, name, each.objects[name] if name in PLACES else each.fields[name])
    return instrument, changed


def not_in(source: InstrumentImport, *, by: User) -> QuerySet[Instrument]:
    """What stands in the catalogue and not in the table: only proposed for closing, never closed."""
    places = Places(source.organisation, by=by)
    standing = Instrument.objects.filter(organisation=source.organisation, facility__in=places.allowed)
    named = source.rows.exclude(instrument=None).values("instrument")
    return standing.exclude(status=Status.RETIRED).exclude(pk__in=named).order_by("inner_number", "slug")
