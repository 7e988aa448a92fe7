"""Where this room meets billing: prices, holds, charges. No other module of orders calls billing's services."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from accounts.models import Organisation, User
from billing.models import Charge
from billing.pricing import USUAL_VAT, Price, PriceLine, in_fen, price_of_lines
from billing.states import PayWhen
from instruments.models import Instrument, TestItem
from orders.models import Order
from orders.rules import Line


def priced(lines: Sequence[Line], *, seller: Organisation) -> Price:
    """The price of lines that a laboratory names, VAT included; a scheme's share is 0 until a scheme is chosen."""
    priced_lines = [
        PriceLine(each.name_zh, each.name_en, each.quantity, each.unit, each.unit_price,
                  in_fen(each.quantity * each.unit_price))
        for each in lines
    ]  # fmt: skip
    return price_of_lines(priced_lines, vat_rate=_vat_of(seller))


def _vat_of(_seller: Organisation) -> Decimal:
    return USUAL_VAT


def published(thing: Instrument | TestItem, *, category: str, quantity: int, at: datetime) -> Price | None:
    """What a published price makes of so many samples; None where none is published."""
    del thing, category, quantity, at
    return None


def hold_for(order: Order, *, by: User) -> Any:
    """Keep the order's price in its payer's wallet until it is charged."""
    del order, by


def pay_when_of(order: Order) -> str:
    """When the payer of an order settles with its seller."""
    del order
    return PayWhen.AFTER_CONFIRMATION


def let_go(order: Order) -> None:
    """Give back what was held for an order that will not be done."""
    del order


def charge_for(order: Order, *, by: User | None, used_on: date) -> Charge | None:
    """Charge the frozen price, once."""
    del order, by, used_on
    return None


def is_paid(order: Order) -> bool:
    """Whether nothing of the order's charge is left to pay."""
    return order.charge is not None and order.charge.paid >= order.charge.left
