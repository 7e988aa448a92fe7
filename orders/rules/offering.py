"""Offers: are the lines good, and may it still be accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Refusal
from common.text import tidy
from common.words import moment
from orders.states import OfferState

VALID_FOR = timedelta(days=30)
MOST_LINES = 20
DEAREST = Decimal(10_000_000)  # CNY, of a line: more is a slip of the finger


@dataclass(frozen=True)
class Line:
    """One line of an offer: so many units at so much each, VAT included."""

    name_zh: str
    name_en: str
    quantity: Decimal
    unit: str
    unit_price: Decimal


def lines_from(given: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Lines as somebody typed them; amounts that are no numbers become NaN, and are objected to."""
    return [
        Line(
            tidy(str(each.get("name_zh", "")))[:120],
            tidy(str(each.get("name_en", "")))[:160],
            _decimal(each.get("quantity", 1)),
            tidy(str(each.get("unit", "")))[:20],
            _decimal(each.get("unit_price", "")),
        )
        for each in given
    ]


def _decimal(value: Any) -> Decimal:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def objections_to_lines(lines: Sequence[Line]) -> list[Refusal]:
    """No line, too many, one without a name, a price below zero, a quantity that is none."""
    if not lines:
        return [Refusal("no_lines", _("An offer names at least one thing and its price."), field="lines")]
    if len(lines) > MOST_LINES:
        return [Refusal("too_many_lines", _("At most %(n)s lines.") % {"n": MOST_LINES}, field="lines")]
    return [refusal for number, line in enumerate(lines, 1) for refusal in _of_line(number, line)]


def _of_line(number: int, line: Line) -> list[Refusal]:
    values = {"line": number}
    found = []
    if not line.name_zh and not line.name_en:
        found.append(Refusal("line_without_name", _("Line %(line)s: say what it is for.") % values, "lines", values))
    if not line.quantity.is_finite() or not 0 < line.quantity <= 10_000:
        sentence = _("Line %(line)s: the quantity is a number above 0.") % values
        found.append(Refusal("quantity_wrong", sentence, "lines", values))
    if not line.unit_price.is_finite() or line.unit_price < 0:
        sentence = _("Line %(line)s: the price is a number, and never below 0.") % values
        found.append(Refusal("price_negative", sentence, "lines", values))
    elif line.unit_price > DEAREST:
        sentence = _("Line %(line)s: the price is beyond all measure.") % values
        found.append(Refusal("price_too_high", sentence, "lines", values))
    elif line.unit_price != round(line.unit_price, 2):
        sentence = _("Line %(line)s: a price has at most two decimals.") % values
        found.append(Refusal("price_decimals", sentence, "lines", values))
    return found


def objections_to_offer(*, results_by: date, on: date) -> list[Refusal]:
    """Against the day by which it promises results."""
    if results_by < on:
        return [Refusal("results_in_the_past", _("The day of the results is past."), field="results_by")]
    if results_by > on + timedelta(days=730):
        return [Refusal("results_too_late", _("Results within two years."), field="results_by")]
    return []


def objections_to_acceptance(*, state: str, expires_at: datetime, taken: bool, now: datetime) -> list[Refusal]:
    """Against saying yes to an offer now: another was taken, it was replaced, it is too old."""
    if taken:
        return [Refusal("already_accepted", _("An offer for this request is accepted already."))]
    if state == OfferState.SUPERSEDED:
        return [Refusal("offer_superseded", _("The laboratory has made a newer offer. Look at that one."))]
    if state == OfferState.LAPSED or (state == OfferState.OPEN and expires_at <= now):
        sentence = _("This offer was valid until %(when)s. Ask the laboratory to renew it.")
        return [Refusal("offer_lapsed", sentence % {"when": moment(expires_at)}, values={"expires_at": expires_at})]
    if state != OfferState.OPEN:
        return [Refusal("offer_not_open", _("This offer does not stand any more."))]
    return []
