"""What an approver wants to know before saying yes or no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from accounts.states import CustomerCategory
from bookings.models import Booking
from bookings.rules.quota import quota_in_words, used_of
from bookings.services.circumstances import quota_circumstances
from bookings.services.gather import audiences_at, person_before, with_terms
from bookings.services.look import Alternative, alternatives_to
from bookings.states import IS_COMING, Measure, State, Subject
from common.interval import Interval
from instruments.models import Instrument

LATELY, AROUND = timedelta(days=90), timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class QuotaLeft:
    """One quota in words, how much of it is used, and how much this booking needs, in its own measure."""

    said: str
    used: float
    wanted: float
    is_over: bool


@dataclass(frozen=True)
class Facts:
    """Who asks, what they have done here before, what stands around their time, and what else they could take.

    No-shows and late cancellations are those of the last 90 days at this laboratory; `past_bookings` and `coming` are
    this instrument's.
    """

    trained: bool
    needs_training: bool
    past_bookings: int
    no_shows: int
    late_cancellations: int
    organisations: list[str]
    group: str
    category: str
    coming: int
    quotas: list[QuotaLeft]
    before: Booking | None
    after: Booking | None
    alternatives: list[Alternative]

    @property
    def category_name(self) -> str:
        return str(CustomerCategory(self.category).label) if self.category else ""


def facts_about(booking: Booking) -> Facts:
    """All that the portal knows for a decision; a fixed number of statements."""
    user, now = booking.user, timezone.now()
    instrument = with_terms(Instrument.objects.filter(pk=booking.instrument_id)).get()
    person = person_before(instrument, user, now=now)
    given = quota_circumstances(booking, instrument, person, now=now)
    memberships = user.memberships.confirmed().select_related("organisation")
    rows = _earlier(booking, now=now)
    here = [(state, ends_at) for on, state, _as, ends_at in rows if on == instrument.pk]
    lately = [(state, how) for _on, state, how, ends_at in rows if ends_at > now - LATELY]
    before, after = _neighbours(booking)
    return Facts(
        trained=all(person.trained.get(need.place, 0) >= need.level for need in given.needs),
        needs_training=bool(given.needs),
        past_bookings=sum(state == State.COMPLETED for state, _end in here),
        no_shows=sum(state == State.NO_SHOW for state, _how in lately),
        late_cancellations=sum(how == "late" for _state, how in lately),
        organisations=sorted({each.organisation.name for each in memberships}),
        group=str(booking.group.name) if booking.group else "",
        category=person.category_at(instrument),
        coming=sum(state == State.CONFIRMED and end > now for state, end in here),
        quotas=[
            _left(quota_in_words(quota), used_of(quota, given), _wanted(quota.measure, booking.interval), quota.amount)
            for quota in given.quotas
            if quota.subject == Subject.PERSON or booking.group_id
        ],
        before=before,
        after=after,
        alternatives=alternatives_to(
            booking.interval,
            instrument=instrument,
            terms=given.terms,
            now=now,
            asks_as=audiences_at(instrument, person),
        ),
    )


def _earlier(booking: Booking, *, now: datetime) -> list[tuple[int, str, str, datetime]]:
    """The requester's bookings at this laboratory: what ended long ago elsewhere than here does not count."""
    counts = Q(instrument=booking.instrument_id) | Q(ends_at__gt=now - LATELY)
    theirs = Booking.objects.filter(counts, user=booking.user, instrument__facility=booking.instrument.facility_id)
    return list(theirs.values_list("instrument", "state", "cancelled_as", "ends_at"))


def _left(said: str, used: float, wanted: float, amount: int) -> QuotaLeft:
    return QuotaLeft(said, round(used, 2), round(wanted, 2), used + wanted > amount)


def _wanted(measure: str, interval: Interval) -> float:
    return 1 if measure == Measure.BOOKINGS else interval.length / HOUR


def _neighbours(booking: Booking) -> tuple[Booking | None, Booking | None]:
    """Whose time ends before and begins after this one, within a day."""
    beside = Booking.objects.filter(instrument=booking.instrument_id, state__in=IS_COMING).exclude(pk=booking.pk)
    near = beside.filter(ends_at__gt=booking.starts_at - AROUND, starts_at__lt=booking.ends_at + AROUND)
    rows = list(near.select_related("user").order_by("starts_at"))
    before = [each for each in rows if each.ends_at <= booking.starts_at]
    after = [each for each in rows if each.starts_at >= booking.ends_at]
    return before[-1] if before else None, after[0] if after else None
