"""What a place costs and how it is paid: the only module here that speaks with `billing`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from outreach.models import Enrolment, Programme
from outreach.rules import refund_of


def price_of(programme: Programme) -> dict[str, Any]:
    """The price as it is frozen on an enrolment; the fee is named with its tax."""
    fee = f"{programme.fee:.2f}"
    line = {"name_zh": programme.name_zh, "name_en": programme.name_en, "quantity": "1", "unit_price": fee}
    return {"lines": [{**line, "amount": fee}], "gross": fee, "to_pay": fee, "currency": "CNY"}


def note_payment(enrolment: Enrolment) -> None:
    """A fee has come in."""


def give_back(enrolment: Enrolment, percent: int) -> Decimal:
    """How much of a paid fee goes back, noted as a correction; nothing of what was never paid."""
    return refund_of(enrolment.fee, percent) if enrolment.paid_at else Decimal(0)
