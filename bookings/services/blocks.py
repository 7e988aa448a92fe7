"""Held time as somebody may see it: what a week and a timeline draw."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import User
from bookings.calendar import Block
from bookings.models import Booking, Claim
from bookings.states import MOVABLE, WAITS, Purpose, State
from common.interval import Interval, without


@dataclass(frozen=True)
class Eyes:
    """Who looks, and when; `visible` are the bookings that they may open, `names` whether the policy shows names."""

    of: User | None
    now: datetime
    visible: Collection[UUID]
    names: bool

    @classmethod
    def on(cls, claims: Iterable[Claim], *, of: User | None, now: datetime, names: bool) -> Eyes:
        """As `of` sees these claims (a visitor sees no name and opens nothing); one statement."""
        if of is None:
            return cls(None, now, frozenset(), names=False)
        asked = {claim.booking_id for claim in claims}
        visible = Booking.objects.visible_to(of).filter(pk__in=asked).values_list("pk", flat=True)
        return cls(of, now, frozenset(visible), names)

    def own(self, booking: Booking) -> bool:
        return self.of is not None and booking.user_id == self.of.pk


def blocks_of(claims: Iterable[Claim], whole: Interval, eyes: Eyes) -> list[Block]:
    """What of the claims lies within `whole`, in order: the booked time and the buffers around it."""
    blocks = [block for claim in claims for block in _parts(claim, whole, eyes)]
    return sorted(blocks, key=lambda each: each.interval)


def _parts(claim: Claim, whole: Interval, eyes: Eyes) -> Iterable[Block]:
    booking, wanted = claim.booking, (claim.change or claim.booking).interval
    opens = claim.booking_id in eyes.visible
    if (booked := claim.interval.common_with(wanted)) and (part := booked.common_with(whole)):
        movable = part == booking.interval and not claim.change and _is_movable(booking, eyes)
        name = str(booking.user.name) if eyes.names or opens else ""
        yield Block(part, _kind(claim, eyes), booking if opens else None, name, is_movable=movable)
    for buffer in without(claim.interval, [wanted]):
        if part := buffer.common_with(whole):
            yield Block(part, "buffer")


def _is_movable(booking: Booking, eyes: Eyes) -> bool:
    return eyes.own(booking) and booking.state in MOVABLE and booking.ends_at > eyes.now


def _kind(claim: Claim, eyes: Eyes) -> str:
    """How a block is drawn: mine, held for me while I fill in the form (draft), maintenance, pending, or taken."""
    booking = claim.booking
    mine = eyes.own(booking)
    if mine and booking.state == State.DRAFT:
        return "draft"
    return kind_of(State.REQUESTED if claim.change else booking.state, booking.purpose, mine=mine)


def kind_of(state: str, purpose: str, *, mine: bool) -> str:
    """How held time is drawn: mine, maintenance, waiting for approval (pending), or taken."""
    if mine:
        return "mine"
    if purpose == Purpose.MAINTENANCE:
        return "maintenance"
    return "pending" if state in WAITS else "taken"
