"""Why a booking cannot be made: all reasons at once, from facts alone."""

from __future__ import annotations

from billing.rules import objections_to_spending
from bookings.rules.circumstances import Circumstances, Cost, Held, Need, OperatorFacts, QuotaRule, Terms
from bookings.rules.operators import freest, objections_of_operators, objections_to_assistance
from bookings.rules.people import objections_of_instrument, objections_of_people
from bookings.rules.policy import needs_decision
from bookings.rules.quota import objections_of_quota
from bookings.rules.time import objections_of_time
from common.errors import Refusal

__all__ = [
    "Circumstances",
    "Cost",
    "Held",
    "Need",
    "OperatorFacts",
    "QuotaRule",
    "Terms",
    "freest",
    "is_hard",
    "needs_decision",
    "objections_of_money",
    "objections_of_operators",
    "objections_of_time",
    "objections_to_booking",
]

# What staff cannot set aside: time that is gone or held, what is not booked here at all, and other people's money.
HARD = {
    "past",
    "begun",
    "slot_taken",
    "over_a_month",
    "retired",
    "booked_elsewhere",
    "operator_taken",
    "no_operator_free",
    "not_confirmed",
    "wallet_empty",
    "limit_reached",
}


def objections_to_booking(given: Circumstances) -> list[Refusal]:
    """Every reason against this booking, in the order in which a person would mend them."""
    return [
        *objections_of_instrument(given),  # retired, under maintenance, booked elsewhere
        *objections_of_people(given),  # not confirmed, not open to them, not trained
        *objections_of_time(given),  # past, off the grid, too long, closed, taken …
        *objections_to_assistance(given),  # not run by an operator
        *objections_of_operators(given),  # none is free
        *objections_of_quota(given),  # too many, too much
        *objections_of_money(given),  # the wallet is empty, a limit is reached, invoices are overdue
    ]


def objections_of_money(given: Circumstances) -> list[Refusal]:
    """What the payer's wallet, limits and unpaid invoices say against it; nothing where it is free of charge."""
    return objections_to_spending(given.cost.spending) if given.cost else []


def is_hard(refusal: Refusal) -> bool:
    """Whether nobody may set this objection aside; the laboratory's own people may set aside the others."""
    return refusal.code in HARD
