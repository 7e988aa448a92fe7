"""What the database's own triggers write down when terms of money change."""

from billing.models.rates import Rate
from billing.models.wallets import Settlement, WalletLimit
from common.history import every_change


class RateEvent(every_change(Rate, exclude=["first_used_at"])):  # type: ignore[misc]
    """Rates announced and withdrawn."""


class SettlementEvent(every_change(Settlement)):  # type: ignore[misc]
    """How payers settle."""


class WalletLimitEvent(every_change(WalletLimit)):  # type: ignore[misc]
    """What members may spend."""
