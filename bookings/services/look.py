"""Reading what is free and what is held: for pages and the API, without a write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any

from django.utils import timezone

from accounts.states import CustomerCategory
from bookings.availability import gaps_in, nearest_starts, on_grid_within
from bookings.models import Claim
from bookings.rules import Need, QuotaRule, Terms
from bookings.services.gather import needs_of, person_before, quotas_of, terms_of, with_terms
from common.interval import Interval
from common.words import clock_of, weekday_name
from instruments.models import Instrument
from instruments.states import TAKES_BOOKINGS, BookedWhere

ALTERNATIVES = 3
LOOKED_AROUND, DAY = timedelta(days=7), timedelta(days=1)
EQUALS = 8


def terms_for(instrument: Instrument, user: Any = None) -> Terms:
    """The policy and hours under which somebody books it (a visitor: as anybody); at most two statements."""
    found = with_terms(Instrument.objects.filter(pk=instrument.pk)).get()
    return terms_of(found, category_for(found, user))


def category_for(instrument: Instrument, user: Any, *, now: datetime | None = None) -> str:
    """As which customer category somebody asks for it; "" for a visitor."""
    if user is None or not user.is_authenticated:
        return ""
    return person_before(instrument, user, now=now or timezone.now()).category_at(instrument)


def held_on(instrument: Instrument, window: Interval) -> list[Interval]:
    """When the instrument is held within `window`, without names, buffers included."""
    return Claim.objects.filter(instrument=instrument).overlapping(window).intervals()


def free_on(instrument: Instrument, window: Interval, *, now: datetime) -> tuple[list[Interval], list[Interval]]:
    """(free, held) within `window`; free is open, not past and within the horizon."""
    terms = terms_for(instrument)
    held = held_on(instrument, terms.held_for(window))
    return list(free_within(terms, window, held, now=now)), [each for each in held if each.overlaps(window)]


def free_within(terms: Terms, window: Interval, held: list[Interval], *, now: datetime) -> Iterator[Interval]:
    """What is open, not held, not past and within the horizon, in order; who wants the first looks no further."""
    start = max(window.start, now + terms.lead)
    end = min(window.end, now + terms.horizon + terms.longest)
    if start >= end:
        return iter(())
    opened = terms.timetable.stretches(Interval(start, end))
    # A booking's own buffers must fit beside what is held: its free time begins that much later.
    if terms.buffer_before or terms.buffer_after:
        held = [each.widened(before=terms.buffer_after, after=terms.buffer_before) for each in held]
    return takewhile(lambda gap: gap.start <= now + terms.horizon, gaps_in(opened, held))


def bookable_within(terms: Terms, window: Interval, held: list[Interval], *, now: datetime) -> Iterator[Interval]:
    """The free stretches of `window` that begin and end on the grid and have room for the shortest booking."""
    for gap in free_within(terms, window, held, now=now):
        on_grid = on_grid_within(gap, step=terms.step, zone=terms.zone)
        if on_grid and on_grid.length >= terms.shortest:
            yield on_grid


@dataclass(frozen=True)
class Alternative:
    """A free time near to what was wanted; `how` is shifted, shorter or elsewhere."""

    instrument: Instrument
    interval: Interval
    how: str


Option = tuple[timedelta, Interval, str, Instrument]


def alternatives_to(
    wanted: Interval,
    *,
    instrument: Instrument,
    terms: Terms,
    now: datetime,
    asks_as: frozenset[str] | None = None,
    elsewhere_only: bool = False,
) -> list[Alternative]:
    """The three nearest free times: shifted, shorter, or on an equal instrument elsewhere.

    `instrument` comes from `with_terms`. Nearest is least different: an hour's shift, a quarter less time and another
    instrument weigh about the same.
    """
    found = [] if elsewhere_only else _here(wanted, instrument, terms, now=now)
    found += _elsewhere(wanted, instrument, now=now, asks_as=asks_as)
    best = sorted(found, key=lambda each: (each[0], each[1].start))[:ALTERNATIVES]
    alternatives = [Alternative(on, free, how) for _weight, free, how, on in best]
    return sorted(alternatives, key=lambda each: (each.how == "elsewhere", each.interval))


def _here(wanted: Interval, instrument: Instrument, terms: Terms, *, now: datetime) -> list[Option]:
    wanted = Interval(wanted.start, min(wanted.end, wanted.start + terms.longest))
    window = wanted.widened(before=LOOKED_AROUND, after=LOOKED_AROUND)
    free = free_within(terms, window, held_on(instrument, terms.held_for(window)), now=now)
    offers = [gap.common_with(Interval(window.start, now + terms.horizon + wanted.length)) for gap in free]
    gaps = [each for each in offers if each]
    shape = {"step": terms.step, "zone": terms.zone}
    shifted = nearest_starts(gaps, wanted, count=ALTERNATIVES, **shape)  # type: ignore[arg-type]
    found: list[Option] = [(abs(each.start - wanted.start), each, "shifted", instrument) for each in shifted]
    if (shorter := _shorter(gaps, wanted, terms)) is not None:
        lost = (wanted.length - shorter.length) / wanted.length
        found.append((lost * timedelta(hours=4) + abs(shorter.start - wanted.start), shorter, "shorter", instrument))
    return found


def _shorter(gaps: list[Interval], wanted: Interval, terms: Terms) -> Interval | None:
    """The longest free part of the wanted time, on the grid, at most a quarter shorter."""
    parts = [
        on_grid_within(part, step=terms.step, zone=terms.zone) for gap in gaps if (part := gap.common_with(wanted))
    ]
    fitting = [each for each in parts if each and each.length >= max(wanted.length * 0.75, terms.shortest)]
    shorter = [each for each in fitting if each.length < wanted.length]
    return max(shorter, key=lambda each: each.length, default=None)


def _elsewhere(
    wanted: Interval, instrument: Instrument, *, now: datetime, asks_as: frozenset[str] | None
) -> list[Option]:
    """The same time, or one near it, on equal instruments; two statements for any number.

    Equal are those of the same category that share a technique: an XRD is no help to who needs an XPS.
    """
    if not instrument.category_id:
        return []
    equals = Instrument.objects.filter(
        category=instrument.category_id, status__in=TAKES_BOOKINGS, booked_where=BookedWhere.HERE
    ).exclude(pk=instrument.pk)
    if instrument.techniques:
        equals = equals.filter(techniques__overlap=instrument.techniques)
    if asks_as is not None:
        equals = equals.filter(sharing__overlap=sorted(asks_as))
    known = list(with_terms(equals.order_by("pk"), now=now)[:EQUALS])
    window = wanted.widened(before=timedelta(hours=12), after=timedelta(hours=12))
    held: dict[int, list[Interval]] = {}
    claims = Claim.objects.filter(instrument__in=known).overlapping(window.widened(before=DAY, after=DAY))
    for on, start, end in claims.values_list("instrument", "starts_at", "ends_at") if known else ():
        held.setdefault(on, []).append(Interval(start, end))
    found: list[Option] = []
    for each in known:
        terms = terms_of(each)
        if terms.staff_only or not terms.shortest <= wanted.length <= terms.longest:
            continue
        gaps = free_within(terms, window, held.get(each.pk, []), now=now)
        nearest = nearest_starts(gaps, wanted, step=terms.step, zone=terms.zone, count=1)
        found += [(timedelta(hours=1) + abs(free.start - wanted.start), free, "elsewhere", each) for free in nearest]
    return found


@dataclass(frozen=True)
class Explained:
    """How somebody may book an instrument: terms, quotas and trainings of their customer category."""

    category: str
    terms: Terms
    quotas: tuple[QuotaRule, ...]
    needs: tuple[Need, ...]
    unannounced_years: list[int]
    runs_it: bool
    decides: bool
    lacks_training: bool
    trained_until: datetime | None

    @property
    def category_name(self) -> str:
        return str(CustomerCategory(self.category).label) if self.category else ""

    @property
    def week(self) -> list[tuple[str, str]]:
        """The weekly hours as (day, times), Monday first."""
        days = [date(2024, 1, 1) + timedelta(days=n) for n in range(7)]  # a Monday and the days after it
        return [(weekday_name(day), self._on(day.weekday())) for day in days]

    def _on(self, weekday: int) -> str:
        hours = sorted((each.opens, each.closes) for each in self.terms.hours if each.weekday == weekday)
        return ", ".join(f"{clock_of(opens)}–{clock_of(closes)}" for opens, closes in hours)


def explain_policy(instrument: Instrument, user: Any, *, now: datetime) -> Explained:
    """What binds `user` (a visitor: everybody) on the instrument, which comes from `with_terms`; one statement."""
    person = person_before(instrument, user, now=now) if user.is_authenticated else None
    category = person.category_at(instrument) if person else ""
    terms = terms_of(instrument, category)
    needs = needs_of(instrument, terms)
    last = (now + terms.horizon).year
    return Explained(
        category=category,
        terms=terms,
        quotas=quotas_of(instrument, category),
        needs=needs,
        unannounced_years=[
            year for year in range(now.year, last + 1) if not terms.timetable.calendar.is_announced(year)
        ],
        runs_it=person is not None and person.runs_it,
        decides=person is not None and person.decides,
        lacks_training=person is not None and person.lacks(needs),
        trained_until=person.trained_until(needs) if person else None,
    )
