"""What the rules of a facility or an instrument say, as they stand and as they would: reading, without a write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import F, Q

from bookings.availability import WeeklyHours
from bookings.models import OpeningHours, Policy, Quota
from bookings.rules.in_words import policy_in_words
from bookings.rules.policy import DEFAULTS, by_precedence, of_strongest
from bookings.services.gather import needs_of, quotas_of, terms_of, with_terms
from bookings.services.set_up import Owner, columns_of, policies_for
from instruments.models import Instrument


@dataclass(frozen=True)
class Inherited:
    """What a field counts as where it is left empty, and whence: "own", "facility", or "" for the usual value."""

    value: Any
    source: str


def row_of(owner: Owner, category: str) -> Policy:
    """The row of rules that stands there for a category, or one that is not written yet."""
    columns = {**columns_of(owner), "category": category}
    return Policy.objects.filter(**columns).first() or Policy(**columns)


def inherited_by(owner: Owner, category: str) -> dict[str, Inherited]:
    """For each field what it would be, were it empty in the row for `category`."""
    own = owner.pk if isinstance(owner, Instrument) else None
    rows = [row for row in policies_for(owner) if (row["own"], row["category"]) != (own, category)]
    strongest = by_precedence(rows, category)
    found = {}
    for name, usual in DEFAULTS.items():
        row = next((each for each in strongest if each[name] not in {None, ""}), None)
        source = "" if row is None else "own" if row["own"] == own else "facility"
        found[name] = Inherited(usual if row is None else row[name], source)
    return found


def said_by(
    owner: Owner,
    category: str,
    *,
    rows: Mapping[str, Mapping[str, Any]] | None = None,
    quotas: Iterable[Mapping[str, Any]] | None = None,
) -> list[str]:
    """What the rules say to a category: of the instrument, or of any instrument of the facility with none itself.

    `rows` (fields of `Policy` by customer category) and `quotas` are taken for those that stand there: so they would
    say. Empty where the facility has no instrument yet.
    """
    of_one = isinstance(owner, Instrument)
    where = {"pk": owner.pk} if of_one else {"facility": owner}
    found: Any = with_terms(Instrument.objects.filter(**where)).first()
    if found is None:
        return []
    if not of_one:
        for kept in (found.policies, found.quotas, found.weekly):
            kept[:] = [row for row in kept if not row["own"]]
    own = str(owner.pk) if of_one else None
    if rows is not None:
        others = [row for row in found.policies if bool(row["own"]) != of_one or row["category"] not in rows]
        found.policies = [*others, *({**row, "own": own, "category": name} for name, row in rows.items())]
    if quotas is not None:
        others = [row for row in found.quotas if bool(row["own"]) != of_one]
        found.quotas = [*others, *({"category": "", **row, "own": own} for row in quotas)]
    terms = terms_of(found, category)
    return policy_in_words(terms, quotas=quotas_of(found, category), needs=needs_of(found, terms))


def quotas_at(owner: Owner) -> list[Quota]:
    """The quotas that stand there."""
    return list(Quota.objects.filter(**columns_of(owner)))


def hours_at(owner: Owner, category: str) -> list[WeeklyHours]:
    """The weekly hours that count there for a category, its own or inherited."""
    facility = owner.facility if isinstance(owner, Instrument) else owner
    where = Q(instrument=owner) | Q(facility=facility) if isinstance(owner, Instrument) else Q(facility=facility)
    rows = OpeningHours.objects.filter(where).values("category", "weekday", "opens_minute", "closes_minute")
    found = of_strongest(rows.annotate(own=F("instrument_id")), category)
    return [WeeklyHours(row["weekday"], row["opens_minute"], row["closes_minute"]) for row in found]


def differences(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """The sentences in order, each with what became of it: "", "new" or "gone"."""
    found = []
    for _kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[a:b] == after[c:d]:
            found += [(each, "") for each in after[c:d]]
        else:
            found += [*((each, "gone") for each in before[a:b]), *((each, "new") for each in after[c:d])]
    return found
