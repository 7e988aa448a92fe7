"""A line of a table as the fields of a record: what every format has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from common.text import tidy
from instruments.formats.fields import BY_NAME, Field
from instruments.formats.reasons import reason
from instruments.formats.values import KEEP, CellError, lines, reasons_of, value_of
from instruments.states import BookedWhere

Fields = dict[str, Any]
Reasons = list[dict[str, Any]]
YOUNGEST, OLDEST = 3, 18


def fields_of(cells: Mapping[str, str], mapping: Mapping[str, str]) -> tuple[Fields, Reasons]:
    """The values that a line gives, by the names of our fields, and why some of its cells give none."""
    found: Fields = {}
    reasons: Reasons = []
    for header, name in mapping.items():
        field = BY_NAME.get(name)
        if field is None or header not in cells:
            continue
        try:
            value = value_of(field, cells[header])
        except CellError as fault:
            reasons.append(reasons_of(field, fault))
            continue
        if value is not KEEP:
            found[name] = value
    _one_value(found, reasons)
    return found, reasons


def _one_value(found: Fields, reasons: Reasons) -> None:
    """The original value may stand in CNY or in ten thousands of CNY; both may be there if they say the same."""
    if "original_value_wan" not in found:
        return
    thousands = found.pop("original_value_wan")
    plain = found.get("original_value")
    if plain is not None and thousands is not None and plain != thousands:
        reasons.append(reason("two_values", "original_value"))
    found["original_value"] = plain if plain is not None else thousands


def comparable(field: Field, value: Any) -> Any:
    """A value in the one shape in which what stands and what comes are compared."""
    if field.kind == "words":
        return [word for word in map(tidy, value or []) if word]
    if field.kind == "choices":
        return sorted(set(value or []))
    if field.kind == "text":
        return lines(value or "")
    if field.kind in {"line", "place"}:
        return tidy(str(value or ""))
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    return value


def changes_between(before: Fields, after: Fields) -> dict[str, list[Any]]:
    """What of `after` differs from `before`: the field's name, and both values as JSON can hold them."""
    return {
        name: [plain(before.get(name)), plain(value)]
        for name, value in after.items()
        if comparable(BY_NAME[name], before.get(name)) != comparable(BY_NAME[name], value)
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return value.isoformat() if isinstance(value, date) else value


def objections_to_record(record: Fields) -> Reasons:
    """What contradicts itself in a record as it would stand; the database has the same rules as constraints."""
    found: Reasons = []
    begun, ended = record.get("commissioned_on"), record.get("decommissioned_on")
    if begun and ended and begun > ended:
        found.append(reason("years_in_order", "decommissioned_on"))
    if record.get("booked_where") == BookedWhere.OWNER and not record.get("booked_url"):
        found.append(reason("owner_needs_url", "booked_url"))
    if record.get("youth_use") and not record.get("fit_for_youth"):
        found.append(reason("youth_not_fit", "youth_use"))
    age = record.get("youth_age_from")
    if age is not None and not YOUNGEST <= age <= OLDEST:
        found.append(reason("youth_age", "youth_age_from"))
    return found
