"""The facts that the rules judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.rules import Belonging
from billing.models import FundCode, Wallet
from billing.pricing import Price
from billing.rules import Spending
from bookings.availability import Timetable, WeeklyHours
from bookings.states import ChargeBasis, OperatorUse
from common.interval import Interval

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
A_USUAL_BOOKING = timedelta(hours=1)


@dataclass(frozen=True)
class Terms:
    """How one customer category may book time on one instrument: its policy, resolved, and when it is open.

    None or zero means that there is no such limit.
    """

    timetable: Timetable
    step: timedelta = 30 * MINUTE
    shortest: timedelta = 30 * MINUTE
    longest: timedelta = 480 * MINUTE
    lead: timedelta = timedelta(0)
    horizon: timedelta = 30 * DAY
    buffer_before: timedelta = timedelta(0)
    buffer_after: timedelta = timedelta(0)
    needs_approval: bool = True
    approval_over: timedelta = timedelta(0)
    approval_before_minute: int = 0
    approval_after_minute: int = 1440
    decide_within: timedelta = timedelta(0)
    training_level: int = 0
    max_coming: int = 0
    cancel_deadline: timedelta = timedelta(0)
    asks_check_in: bool = False
    grace: timedelta = 30 * MINUTE
    operator: str = OperatorUse.NEVER
    staff_only: bool = False
    open_on_holidays: bool = False
    shows_names: bool = False
    allows_hand_over: bool = False
    asks_feedback: bool = False
    charge_basis: str = ChargeBasis.BOOKED
    late_fee_percent: int = 0
    no_show_percent: int = 0

    @property
    def usual(self) -> timedelta:
        """As long as somebody books who has not said how long: an hour, where that may be."""
        return max(self.shortest, min(self.longest, A_USUAL_BOOKING))

    @property
    def zone(self) -> ZoneInfo:
        return self.timetable.zone

    @property
    def hours(self) -> tuple[WeeklyHours, ...]:
        return self.timetable.weekly

    def held_for(self, interval: Interval) -> Interval:
        """What a booking of `interval` holds: the buffers too."""
        return interval.widened(before=self.buffer_before, after=self.buffer_after)


@dataclass(frozen=True)
class Need:
    """A training that a booking needs: what it is called, where it counts (`places_of`), and which level."""

    place: str
    level: int
    name_zh: str = ""
    name_en: str = ""


@dataclass(frozen=True)
class QuotaRule:
    """At most `amount` hours or bookings in a period, on one instrument or on a whole facility."""

    subject: str
    measure: str
    period: str
    amount: int
    whole_facility: bool


@dataclass(frozen=True)
class Held:
    """A booking that counts against quotas: its time, whose it is, and whether it is on this very instrument."""

    interval: Interval
    user_id: UUID
    group_id: UUID | None
    same_instrument: bool


@dataclass(frozen=True)
class OperatorFacts:
    """An operator who can run the instrument: when they work, and what holds or keeps them."""

    user_id: UUID
    name: str
    timetable: Timetable
    busy: tuple[Interval, ...] = ()

    def is_free(self, interval: Interval) -> bool:
        opened = self.timetable.open_within(interval)
        return opened == [interval] and not any(each.overlaps(interval) for each in self.busy)

    def load(self) -> timedelta:
        """How much of them is held already, for finding the freest."""
        return sum((each.length for each in self.busy), timedelta(0))


@dataclass(frozen=True)
class Cost:
    """What the time costs, who pays it, and what bears on spending that."""

    price: Price
    spending: Spending
    wallet: Wallet
    fund_code: FundCode | None = None


@dataclass(frozen=True)
class Circumstances:
    """Everything that bears on one wish to book, gathered after the instrument was locked."""

    now: datetime
    interval: Interval
    terms: Terms
    status: str
    booked_where: str
    shared_with: frozenset[str]
    asks_as: frozenset[str]
    runs_it: bool
    taken: tuple[Interval, ...]
    user_id: UUID | None = None
    group_id: UUID | None = None
    by_staff: bool = False
    trained: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    quotas: tuple[QuotaRule, ...] = ()
    held: tuple[Held, ...] = ()
    assisted: bool = False
    operators: tuple[OperatorFacts, ...] | None = None
    wanted_operator: UUID | None = None
    moved_from: Interval | None = None
    unverified_firm: Belonging | None = None
    cost: Cost | None = None
