"""A model of one instrument's time in plain Python, and what people may do to it; the services must agree with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import strategies as some

from bookings.models import Booking, Claim
from bookings.services import (
    accept_change,
    book,
    cancel,
    confirm,
    decline,
    move,
    refuse_change,
    submit,
    undo,
)
from bookings.states import State
from common.errors import Refused
from common.interval import Interval, merged, without

HALF_HOUR = timedelta(minutes=30)
SLOTS, LONGEST = 24, 4  # half-hours of one day, from eight to eight

ACTS = ["book", "draft", "submit", "cancel", "confirm", "decline", "undo", "move", "accept", "refuse"]
steps = some.tuples(
    some.sampled_from(ACTS),
    some.integers(0, 1),  # who
    some.integers(0, SLOTS - 1),  # from which half-hour
    some.integers(1, LONGEST),  # how many
    some.integers(0, 50),  # which booking
)


@dataclass
class Wish:
    """One booking as the model knows it."""

    who: int
    interval: Interval
    state: str
    held: list[Interval]
    change: Interval | None = None


@dataclass
class Model:
    """All bookings of the instrument, by id."""

    wishes: dict[Any, Wish] = field(default_factory=dict)

    def is_free(self, wanted: Interval, *, but: Any = None) -> bool:
        held = [each for key, wish in self.wishes.items() if key != but for each in wish.held]
        return not any(each.overlaps(wanted) for each in held)

    def held(self) -> list[Interval]:
        return merged(each for wish in self.wishes.values() for each in wish.held)


class Machine:
    """Does each step to the model and to the portal, and compares them."""

    def __init__(self, instrument: Any, *, people: list[Any], manager: Any, opens: datetime) -> None:
        self.instrument, self.people, self.manager, self.opens = instrument, people, manager, opens
        self.model, self.steps = Model(), 0

    def step(self, act: str, who: int, start: int, count: int, which: int) -> None:
        self.steps += 1
        count = min(count, SLOTS - start)
        interval = Interval(self.opens + start * HALF_HOUR, self.opens + (start + count) * HALF_HOUR)
        if act in {"book", "draft"}:
            self._book(act, who, interval)
        elif self.model.wishes:
            keys = list(self.model.wishes)
            self._act(act, keys[which % len(keys)], interval)
        self.compare()

    def _book(self, act: str, who: int, interval: Interval) -> None:
        draft = act == "draft"
        live = any(wish.who == who and wish.state == State.DRAFT for wish in self.model.wishes.values())
        expected = self.model.is_free(interval) and not (draft and live)
        made = self._done(lambda: book(self.instrument.slug, by=self.people[who], interval=interval, draft=draft))
        assert (made is not None) == expected, f"{act} {interval}"
        if made is not None:
            state = State.DRAFT if draft else State.REQUESTED
            self.model.wishes[made.pk] = Wish(who, interval, state, [interval])

    def _act(self, act: str, key: Any, interval: Interval) -> None:
        wish, booking = self.model.wishes[key], Booking.objects.get(pk=key)
        expected = getattr(self, f"_may_{act}")(wish, interval, key)
        mine = self.people[wish.who]
        does = {
            "submit": lambda: submit(booking, by=mine),
            "cancel": lambda: cancel(booking, by=mine),
            "confirm": lambda: confirm(booking, by=self.manager),
            "decline": lambda: decline(booking, by=self.manager, reason="x"),
            "undo": lambda: undo(booking, by=self.manager),
            "move": lambda: move(booking, by=mine, interval=interval),
            "accept": lambda: accept_change(booking, by=self.manager),
            "refuse": lambda: refuse_change(booking, by=self.manager, reason="x"),
        }
        done = self._done(does[act])
        assert (done is not None) == expected, f"{act} {wish} {interval}"
        if done is not None:
            getattr(self, f"_did_{act}")(wish, interval)

    def _done(self, does: Any) -> Any:
        with suppress(Refused):
            return does()
        return None

    def compare(self) -> None:
        claims = Claim.objects.filter(instrument=self.instrument)
        found = claims.intervals()
        assert all(one.end <= other.start for one, other in pairwise(found)), found
        assert merged(found) == self.model.held()
        for key, wish in self.model.wishes.items():
            assert Booking.objects.get(pk=key).state == wish.state
            assert merged(claims.filter(booking=key).intervals()) == merged(wish.held)

    # --- What the model allows, and what it does -------------------------------------------------------------------

    def _may_submit(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.state == State.DRAFT

    def _did_submit(self, wish: Wish, _interval: Interval) -> None:
        wish.state = State.REQUESTED

    def _may_cancel(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.state in {State.DRAFT, State.REQUESTED, State.CONFIRMED}

    def _did_cancel(self, wish: Wish, _interval: Interval) -> None:
        wish.state, wish.held, wish.change = State.CANCELLED, [], None

    def _may_confirm(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.state == State.REQUESTED

    def _did_confirm(self, wish: Wish, _interval: Interval) -> None:
        wish.state = State.CONFIRMED

    def _may_decline(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.state == State.REQUESTED

    def _did_decline(self, wish: Wish, _interval: Interval) -> None:
        wish.state, wish.held = State.DECLINED, []

    def _may_undo(self, wish: Wish, _interval: Interval, key: Any) -> bool:
        if wish.state == State.DECLINED:
            return self.model.is_free(wish.interval, but=key)
        return wish.state == State.CONFIRMED and wish.change is None

    def _did_undo(self, wish: Wish, _interval: Interval) -> None:
        wish.state, wish.held = State.REQUESTED, [wish.interval]

    def _may_move(self, wish: Wish, interval: Interval, key: Any) -> bool:
        movable = wish.state in {State.DRAFT, State.REQUESTED, State.CONFIRMED} and wish.change is None
        return movable and interval != wish.interval and self.model.is_free(interval, but=key)

    def _did_move(self, wish: Wish, interval: Interval) -> None:
        if wish.state == State.CONFIRMED and not wish.interval.contains(interval):
            wish.change, wish.held = interval, [wish.interval, *without(interval, [wish.interval])]
        else:
            wish.interval, wish.held = interval, [interval]

    def _may_accept(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.change is not None

    def _did_accept(self, wish: Wish, _interval: Interval) -> None:
        assert wish.change is not None
        wish.interval, wish.held, wish.change = wish.change, [wish.change], None

    def _may_refuse(self, wish: Wish, _interval: Interval, _key: Any) -> bool:
        return wish.change is not None

    def _did_refuse(self, wish: Wish, _interval: Interval) -> None:
        wish.held, wish.change = [wish.interval], None
