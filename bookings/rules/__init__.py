"""Why a booking cannot be made: all reasons at once, from facts alone."""

from __future__ import annotations

from bookings.rules.circumstances import Circumstances, Terms
from bookings.rules.people import objections_of_instrument, objections_of_people
from bookings.rules.time import objections_of_time
from common.errors import Refusal

__all__ = ["Circumstances", "Terms", "objections_of_time", "objections_to_booking"]


def objections_to_booking(given: Circumstances) -> list[Refusal]:
    """Every reason against this booking, in the order in which a person would mend them."""
    return [
        *objections_of_instrument(given),  # retired, under maintenance, booked elsewhere
        *objections_of_people(given),  # not confirmed, not open to them, not trained
        *objections_of_time(given),  # past, off the grid, too long, closed, taken …
    ]
