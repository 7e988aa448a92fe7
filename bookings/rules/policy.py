"""Which row of rules counts, and what it makes of a booking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from bookings.availability import Timetable
from bookings.rules.circumstances import Circumstances, Terms
from bookings.states import ChargeBasis, OperatorUse
from common.words import in_zone

Row = Mapping[str, Any]

DEFAULTS: dict[str, Any] = {
    "step_minutes": 30,
    "shortest_minutes": 30,
    "longest_minutes": 480,
    "lead_minutes": 0,
    "horizon_days": 30,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "needs_approval": True,
    "approval_over_minutes": 0,
    "approval_before_minute": 0,
    "approval_after_minute": 1440,
    "decide_within_hours": 0,
    "training_level": 0,
    "max_coming": 0,
    "cancel_deadline_minutes": 0,
    "asks_check_in": False,
    "grace_minutes": 30,
    "operator": OperatorUse.NEVER,
    "staff_only": False,
    "open_on_holidays": False,
    "shows_names": False,
    "allows_hand_over": False,
    "asks_feedback": False,
    "charge_basis": ChargeBasis.BOOKED,
    "late_fee_percent": 0,
    "no_show_percent": 0,
}
UNITS = {"_minutes": timedelta(minutes=1), "_hours": timedelta(hours=1), "_days": timedelta(days=1)}


def by_precedence(rows: Iterable[Row], category: str) -> list[Row]:
    """The rows that count for a category, the strongest first.

    The instrument's own for that category, the instrument's for everybody, the facility's for that category, the
    facility's for everybody. A row says `own` (of the instrument) and `category`.
    """
    counting = [row for row in rows if row["category"] in {"", category}]
    return sorted(counting, key=lambda row: (not row["own"], not row["category"]))


def resolved(rows: Iterable[Row], category: str) -> dict[str, Any]:
    """The value of each field of `Policy` for a category: from the strongest row that has one, else the default."""
    strongest = by_precedence(rows, category)
    return {
        name: next((row[name] for row in strongest if row[name] not in {None, ""}), default)
        for name, default in DEFAULTS.items()
    }


def of_strongest(rows: Iterable[Row], category: str) -> list[Row]:
    """The rows of the strongest kind alone: hours are replaced as a whole, never mixed."""
    strongest = by_precedence(rows, category)
    if not strongest:
        return []
    first = strongest[0]
    return [row for row in strongest if (row["own"], row["category"]) == (first["own"], first["category"])]


def terms_from(values: Mapping[str, Any], timetable: Timetable) -> Terms:
    """The values of `resolved` as lengths of time: `step_minutes` becomes `step`, and so on."""
    given: dict[str, Any] = {}
    for name, value in values.items():
        unit = next((ending for ending in UNITS if name.endswith(ending)), "")
        given[name.removesuffix(unit)] = value * UNITS[unit] if unit else value
    return Terms(timetable=timetable, **given)


def minutes_of(terms: Terms) -> dict[str, Any]:
    """The other way round, for programs: every field of the policy under its own name."""
    found: dict[str, Any] = {}
    for name in DEFAULTS:
        unit = next((ending for ending in UNITS if name.endswith(ending)), "")
        value = getattr(terms, name.removesuffix(unit))
        found[name] = value // UNITS[unit] if unit else value
    return found


def needs_decision(given: Circumstances) -> bool:
    """Whether the laboratory must say yes first: by rule, by length, by hour, or for want of a known operator."""
    terms, interval = given.terms, given.interval
    if given.by_staff:
        return False
    if terms.needs_approval or (given.assisted and not given.operators):
        return True
    if terms.approval_over and interval.length > terms.approval_over:
        return True
    start, end = in_zone(interval.start, terms.zone.key), in_zone(interval.end, terms.zone.key)
    ends_minute = 1440 if end.date() > start.date() else end.hour * 60 + end.minute
    begins_minute = start.hour * 60 + start.minute
    return begins_minute < terms.approval_before_minute or ends_minute > terms.approval_after_minute
