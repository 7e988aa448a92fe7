"""What would become of a wish that nobody has sent yet: the same rules, and nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Unpack

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from billing.models import Wallet
from billing.pricing import Price
from bookings.models import Booking
from bookings.permissions import is_theirs
from bookings.rules import Cost, needs_decision, objections_to_booking
from bookings.services.book import Said, alternatives_for, not_set_aside, objections_to_said, wish_in
from bookings.services.change import becomes, objections_to_move, refuse_move
from bookings.services.circumstances import circumstances_of
from bookings.states import State
from common.errors import Refusal, Refused
from common.interval import Interval
from instruments.models import Instrument


@dataclass(frozen=True)
class Foreseen:
    """What stands against a wish, the nearest free times where it is taken, who has to agree, what it costs."""

    refusals: list[Refusal]
    waits: bool
    cost: Cost | None = None
    look: Callable[[], list[dict[str, Any]]] = list

    @cached_property
    def alternatives(self) -> list[dict[str, Any]]:
        """Looked for when they are read: then nobody waits for the locks of the transaction that foresaw."""
        return self.look()

    @property
    def price(self) -> Price | None:
        """The explanation of what it costs; None where it is free of charge."""
        return self.cost.price if self.cost else None

    @property
    def payer(self) -> Wallet | None:
        return self.cost.wallet if self.cost else None


@transaction.atomic  # operators are locked while one looks
def foresee(
    instrument: Instrument,
    *,
    by: User,
    interval: Interval,
    on_behalf_of: User | None = None,
    because: str = "",
    **said: Unpack[Said],
) -> Foreseen:
    """What `book` would make of it now; answers count once they are in `said`.

    `instrument` comes from `with_terms`. Raises WrongInput for a group that is not theirs.
    """
    user, now = on_behalf_of or by, timezone.now()
    given = circumstances_of(instrument, user=user, by=by, interval=interval, now=now, **wish_in(said))
    refusals = [*objections_to_booking(given), *(objections_to_said(instrument, said) if "answers" in said else [])]
    left = not_set_aside(given, refusals, because=because)
    return Foreseen(left, needs_decision(given), given.cost, partial(alternatives_for, instrument, given, left))


@transaction.atomic
def foresee_move(
    booking: Booking, instrument: Instrument, *, by: User, interval: Interval, because: str = ""
) -> Foreseen:
    """What `move`, or `offer` by the laboratory, would make of it now; `instrument` comes from `with_terms`."""
    try:
        refuse_move(booking, by, interval)
    except Refused as error:
        return Foreseen(error.refusals, waits=False)
    given = circumstances_of(
        instrument, user=booking.user, by=by, interval=interval, now=timezone.now(), group=booking.group_id,
        assisted=booking.assisted, moved=booking,
    )  # fmt: skip
    if booking.state == State.REQUESTED and not is_theirs(by, booking):
        # An offer sets aside what the laboratory's own rules say.
        refusals, because = objections_to_booking(given), because or "offered"
    else:
        refusals = objections_to_move(booking, given, by=by)
    left = not_set_aside(given, refusals, because=because)
    waits = becomes(booking, given, by=by) is not None
    return Foreseen(left, waits, given.cost, partial(alternatives_for, instrument, given, left))
