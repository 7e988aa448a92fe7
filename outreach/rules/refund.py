"""How much of the fee comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

CENT, ALL = Decimal("0.01"), 100


def refund_percent(table: Iterable[Mapping[str, int]], *, first_day: date, on: date) -> int:
    """The share of the fee that somebody gets back who cancels `on` this day: the best step that is reached."""
    days = (first_day - on).days
    return max((step["percent"] for step in table if days >= step["days_before"]), default=0)


def refund_of(fee: Decimal, percent: int) -> Decimal:
    """That share in CNY, to the cent, half up."""
    return (fee * percent / ALL).quantize(CENT, ROUND_HALF_UP)
