"""How rates and prices are written on pages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template
from django.utils import timezone

from accounts.states import CustomerCategory
from billing.pricing import Price, in_words, peaks_from
from billing.services import by_category, rates_of
from billing.states import Basis
from common.words import speaks_english
from instruments.models import Instrument, TestItem

register = template.Library()


@register.filter
def plain_number(value: Decimal | str) -> str:
    """1.5, 2: without zeros that say nothing."""
    text = f"{Decimal(str(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def basis(value: str) -> str:
    """The unit of a rate in the reader's language; what a laboratory wrote in an offer stays."""
    return str(Basis(value).label) if value in Basis.values else value


@register.filter
def category(value: str) -> str:
    """A customer category in the reader's language."""
    return str(CustomerCategory(value).label) if value in CustomerCategory.values else ""


@register.filter
def peaks_in_words(rows: list[dict[str, Any]]) -> list[str]:
    """The windows of a rate: weekdays 09:00–18:00 × 1.2."""
    return [f"{in_words(peak)[speaks_english()]} × {plain_number(peak.factor)}" for peak in peaks_from(rows)]


@register.inclusion_tag("billing/prices_of.html")
def prices_of(thing: Instrument | TestItem) -> dict[str, Any]:
    """What it costs each customer category today, on pages of rooms that know no prices; one statement."""
    return {"by_category": by_category(rates_of(thing, day=timezone.localdate()))}


@register.filter
def as_price(frozen: dict[str, Any] | None) -> Price | None:
    """A price as it was frozen."""
    return Price.from_json(frozen) if frozen else None
