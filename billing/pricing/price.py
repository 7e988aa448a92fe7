"""What something costs, as an explanation in ordered lines: pure, in Decimal, rounded once.

Prices are published with VAT. The net amount of a sum is `sum / (1 + VAT)`, half-up to 0.01, and VAT is the rest, so
that net and VAT always add up to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from common.text import Bilingual

FEN, ZERO = Decimal("0.01"), Decimal(0)
NO_MONEY = {"quantity", "factor", "vat_rate"}
USUAL_VAT = Decimal(6)  # percent; of a seller that has entered none


@dataclass(frozen=True)
class PriceLine:
    """So many units of something at so much each. `unit_price` and `amount` have VAT in them."""

    name_zh: str
    name_en: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    amount: Decimal

    name = Bilingual("name")


@dataclass(frozen=True)
class Factor:
    """What makes the list price dearer or cheaper: the name of the reason, the factor, what it adds (or takes)."""

    name_zh: str
    name_en: str
    factor: Decimal
    amount: Decimal

    name = Bilingual("name")


@dataclass(frozen=True)
class Price:
    """The explanation of a price, in the order in which a person reads it."""

    lines: tuple[PriceLine, ...]
    list_price: Decimal
    category: str
    factors: tuple[Factor, ...]
    net: Decimal
    vat_rate: Decimal
    vat: Decimal
    gross: Decimal
    covered: Decimal
    scheme: Mapping[str, Any] | None
    to_pay: Decimal
    expected_back: Decimal
    currency: str = "CNY"
    rates: tuple[int, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """For freezing and for programs: amounts as text with two places."""
        found = asdict(self)
        return {name: _plain(value, name) for name, value in found.items()}

    @staticmethod
    def from_json(given: Mapping[str, Any]) -> Price:
        """What `as_json` wrote."""
        amounts = ("list_price", "net", "vat_rate", "vat", "gross", "covered", "to_pay", "expected_back")
        return Price(
            lines=tuple(_read(PriceLine, each, ("quantity", "unit_price", "amount")) for each in given["lines"]),
            factors=tuple(_read(Factor, each, ("factor", "amount")) for each in given["factors"]),
            category=given["category"],
            scheme=given["scheme"],
            currency=given["currency"],
            rates=tuple(given.get("rates", ())),
            **{name: Decimal(given[name]) for name in amounts},
        )


def in_fen(amount: Decimal) -> Decimal:
    """Half-up to 0.01."""
    return amount.quantize(FEN, ROUND_HALF_UP)


def split_vat(gross: Decimal, percent: Decimal) -> tuple[Decimal, Decimal]:
    """(net, VAT) of an amount that has VAT in it."""
    net = in_fen(gross * 100 / (100 + percent))
    return net, gross - net


def price_of_lines(
    lines: Sequence[PriceLine],
    *,
    vat_rate: Decimal,
    covered: Decimal = ZERO,
    category: str = "",
    factors: Sequence[Factor] = (),
    scheme: Mapping[str, Any] | None = None,
    expected_back: Decimal = ZERO,
    rates: Iterable[int] = (),
) -> Price:
    """The price of lines that somebody named (offers, fees), or that rates made.

    Net and VAT are split once, of the sum: a charge is one line of the invoice and of the fapiao.
    """
    total = sum((line.amount for line in lines), ZERO)
    gross = total + sum((each.amount for each in factors), ZERO)
    net, vat = split_vat(gross, vat_rate)
    return Price(
        lines=tuple(lines),
        list_price=total,
        category=category,
        factors=tuple(factors),
        net=net,
        vat_rate=vat_rate,
        vat=vat,
        gross=gross,
        covered=covered,
        scheme=scheme,
        to_pay=gross - covered,
        expected_back=expected_back,
        rates=tuple(rates),
    )


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}" if name in NO_MONEY else f"{value:.2f}"
    if isinstance(value, Mapping):
        return {key: _plain(each, key) for key, each in value.items()}
    return [_plain(each, name) for each in value] if isinstance(value, list | tuple) else value


def _read(kind: Any, given: Mapping[str, Any], amounts: tuple[str, ...]) -> Any:
    return kind(**{**given, **{name: Decimal(given[name]) for name in amounts}})
