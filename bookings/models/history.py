"""What the database's own triggers write down when a row changes: bulk changes and raw SQL leave a line too."""

from __future__ import annotations

import pghistory

from bookings.models.booking import Booking, Change
from bookings.models.opening import Closure, OpeningHours
from bookings.models.policy import Policy
from bookings.models.training import Training
from bookings.models.use import Fault
from common.history import every_change

# Bookkeeping of ours that is no event for anybody.
SILENT = ["day_reminder_at", "hour_reminder_at"]


class BookingEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Booking,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=[*SILENT, "version", "updated_at"])),
        exclude=SILENT,
        append_only=True,
    )
):
    """The life of a booking, one row a change."""


class ChangeEvent(pghistory.create_event_model(Change, append_only=True)):  # type: ignore[misc]
    """The life of a change of a booking."""


class PolicyEvent(every_change(Policy)):  # type: ignore[misc]
    """How rules were changed."""


class OpeningHoursEvent(every_change(OpeningHours)):  # type: ignore[misc]
    """How weekly hours were changed."""


class ClosureEvent(every_change(Closure)):  # type: ignore[misc]
    """Closures, and taking them back."""


class TrainingEvent(every_change(Training)):  # type: ignore[misc]
    """Trainings granted, renewed and taken back."""


class FaultEvent(pghistory.create_event_model(Fault, append_only=True)):  # type: ignore[misc]
    """Faults reported, confirmed and mended."""
