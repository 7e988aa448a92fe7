"""What a place costs and how it is paid: the only module here that speaks with `billing`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.states import CustomerCategory
from billing import services as billing
from billing.models import Charge
from billing.pricing import Price, PriceLine, price_of_lines
from billing.states import PaymentKind
from outreach.models import Enrolment, Programme
from outreach.rules import refund_of

CANCELLED = "enrolment cancelled"  # the books name no reason of a family's


def price_of(programme: Programme) -> dict[str, Any]:
    """The price as it is frozen on an enrolment: the fee is named with its tax."""
    line = PriceLine(programme.name_zh, programme.name_en, Decimal(1), "", programme.fee, programme.fee)
    rate = billing.vat_of(programme.organisation, day=timezone.localdate())
    return price_of_lines([line], vat_rate=rate, category=CustomerCategory.YOUTH).as_json()


def charge_and_pay(enrolment: Enrolment, *, by: User, how: str, reference: str) -> Charge | None:
    """The frozen price is charged to the guardian's wallet and paid at once; None where there is nothing to pay."""
    if not enrolment.fee:
        return None
    session = enrolment.session
    day, programme = f"{session.first_day:%Y-%m-%d}", session.programme
    charge = billing.charge(
        seller=programme.organisation,
        wallet=billing.wallet_of(enrolment.guardian),
        price=Price.from_json(enrolment.price),
        used_on=session.first_day,
        name_zh=f"{programme.name_zh} {day}",
        name_en=f"{programme.name_en or programme.name_zh} {day}",
        by=by,
        member=enrolment.guardian,
    )
    billing.pay_charge(charge, by=by, how=PaymentKind(how), reference=reference)
    return charge


def give_back(enrolment: Enrolment, percent: int, *, by: User | None) -> Decimal:
    """How much of a paid fee goes back, noted by a new entry; nothing of what was never paid."""
    if not enrolment.charge:
        return Decimal(0)
    amount = refund_of(enrolment.fee, percent)
    if amount:
        billing.refund(enrolment.charge, by=by, amount=amount, reason=CANCELLED)
    return amount
