"""What the database's own triggers write down of the standing of firms."""

from __future__ import annotations

import pghistory

from accounts.models.firms import Tier, Verification
from common.history import every_change


class VerificationEvent(pghistory.create_event_model(Verification, append_only=True)):  # type: ignore[misc]
    """Who verified or rejected a firm, and when."""


class TierEvent(every_change(Tier)):  # type: ignore[misc]
    """Tiers written down and put right."""
