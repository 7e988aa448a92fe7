"""The rules themselves: facts in, objections out; no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from accounts.states import Audience
from bookings.availability import Timetable, WeeklyHours, gaps_in, nearest_starts, next_on_grid, on_grid
from bookings.rules import Circumstances, Need, Terms, objections_to_booking
from common.interval import Interval, merged, without
from instruments.states import BookedWhere, Status

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DALIAN = ZoneInfo("Asia/Shanghai")
MONDAY = datetime(2026, 11, 23, tzinfo=DALIAN)
WEEKDAYS = tuple(WeeklyHours(weekday, 8 * 60, 18 * 60) for weekday in range(5))
AROUND_THE_CLOCK = tuple(WeeklyHours(weekday, 0, 1440) for weekday in range(7))

TERMS = Terms(
    timetable=Timetable(DALIAN, WEEKDAYS),
    step=timedelta(minutes=30),
    shortest=timedelta(minutes=30),
    longest=4 * HOUR,
    lead=2 * HOUR,
    horizon=14 * DAY,
    buffer_before=timedelta(0),
    buffer_after=timedelta(0),
    needs_approval=True,
    training_level=2,
)
FINE = Circumstances(
    now=MONDAY + 7 * HOUR,
    interval=Interval(MONDAY + 10 * HOUR, MONDAY + 12 * HOUR),
    terms=TERMS,
    status=Status.OPEN,
    booked_where=BookedWhere.HERE,
    shared_with=frozenset({Audience.INTERNAL}),
    asks_as=frozenset({Audience.INTERNAL}),
    runs_it=False,
    trained={"here": 1},
    needs=(Need("here", 1),),
    taken=(),
)


def on(day: int, start: float, end: float) -> Interval:
    return Interval(MONDAY + day * DAY + start * HOUR, MONDAY + day * DAY + end * HOUR)


def codes(given_: Circumstances) -> list[str]:
    return [refusal.code for refusal in objections_to_booking(given_)]


def test_a_wish_that_keeps_every_rule_meets_no_objection():
    assert codes(FINE) == []


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (on(0, 6, 7), ["past", "closed"]),
        (on(0, 8.5, 9.5), ["too_soon"]),
        (on(0, 9, 10), []),
        (on(14, 10, 11), ["too_far"]),
        (on(11, 10, 11), []),
        (on(0, 10.25, 11.25), ["off_grid"]),
        (on(0, 10, 10.25), ["off_grid", "too_short"]),
        (on(0, 10, 14), []),
        (on(0, 10, 14.5), ["too_long"]),
        (on(5, 10, 11), ["closed"]),
        (on(0, 17, 18), []),
        (on(0, 17, 18.5), ["closed"]),
        (on(0, 17, 33), ["too_long", "closed"]),
    ],
)
def test_each_rule_of_time_stands_exactly_at_its_edge(interval, expected):
    assert codes(replace(FINE, interval=interval)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"trained": {}}, ["not_trained"]),
        ({"trained": {}, "runs_it": True}, []),
        ({"asks_as": frozenset()}, ["not_confirmed"]),
        ({"asks_as": frozenset({Audience.FIRMS})}, ["not_shared"]),
        ({"status": Status.RETIRED}, ["retired"]),
        ({"status": Status.MAINTENANCE}, ["out_of_order"]),
        ({"booked_where": BookedWhere.ENQUIRY}, ["by_enquiry"]),
        ({"taken": (on(0, 11, 13),)}, ["slot_taken"]),
        ({"taken": (on(0, 12, 13), on(0, 9, 10))}, []),
    ],
)
def test_each_rule_of_people_and_instruments(change, expected):
    assert codes(replace(FINE, **change)) == expected


def test_a_buffer_of_ones_own_may_not_lie_in_anothers_time_but_may_lie_outside_the_hours():
    terms = replace(TERMS, buffer_after=HOUR)

    assert codes(replace(FINE, terms=terms, taken=(on(0, 12.5, 13),))) == ["slot_taken"]
    assert codes(replace(FINE, terms=terms, interval=on(0, 16, 18))) == []


def test_every_objection_comes_at_once_and_in_the_order_in_which_one_mends_them():
    worst = replace(FINE, interval=on(20, 3.1, 11), trained={}, taken=(on(20, 4, 5),), status=Status.MAINTENANCE)

    assert codes(worst) == ["out_of_order", "not_trained", "too_far", "off_grid", "too_long", "closed", "slot_taken"]


def test_hours_that_touch_at_midnight_are_one_stretch():
    round_the_clock = Timetable(DALIAN, AROUND_THE_CLOCK)
    night = on(0, 22, 30)

    assert codes(replace(FINE, terms=replace(TERMS, timetable=round_the_clock, longest=9 * HOUR), interval=night)) == []
    assert round_the_clock.open_within(on(0, 0, 48)) == [on(0, 0, 48)]


def test_a_wish_of_centuries_is_refused_quickly():
    ages = Interval(MONDAY + DAY, MONDAY + 60_000 * DAY)

    assert "too_long" in codes(replace(FINE, interval=ages))


moments = some.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=some.just(UTC))
intervals = some.builds(
    lambda start, minutes: Interval(start, start + timedelta(minutes=minutes)), moments, some.integers(1, 3000)
)


@given(intervals, some.lists(intervals, max_size=8))
def test_what_is_left_and_what_is_held_make_the_whole(whole, held):
    left = without(whole, held)
    inside = [part for each in merged(held) if (part := each.common_with(whole))]

    assert sum((each.length for each in [*left, *inside]), timedelta(0)) == whole.length
    assert not any(each.overlaps(other) for each in left for other in held)


@given(
    moments,
    some.sampled_from([5, 15, 30, 60, 120, 480, 1440]),
    some.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC"]),
)
def test_the_next_moment_on_the_grid_is_on_it_and_less_than_a_step_away(moment, minutes, name):
    step, zone = timedelta(minutes=minutes), ZoneInfo(name)
    following = next_on_grid(moment, step=step, zone=zone)

    assert on_grid(following, step=step, zone=zone)
    assert timedelta(0) <= following - moment < step


half_hours = some.builds(
    lambda start, many: Interval(MONDAY + start * HOUR / 2, MONDAY + (start + many) * HOUR / 2),
    some.integers(0, 7 * 48),
    some.integers(1, 60),
)


@given(some.lists(half_hours, max_size=8), some.lists(half_hours, max_size=3), some.booleans())
def test_each_half_hour_that_is_open_and_not_held_is_free_and_no_other(held, closures, round_the_clock):
    weekly = AROUND_THE_CLOCK if round_the_clock else WEEKDAYS
    timetable, week = Timetable(DALIAN, weekly, closures=tuple(closures)), on(0, 0, 24 * 7)
    free = list(gaps_in(timetable.stretches(week), held))

    def halves(stretches):
        found = [MONDAY + n * HOUR / 2 for n in range(7 * 48)]
        return {at for at in found if any(each.overlaps(Interval(at, at + HOUR / 2)) for each in stretches)}

    open_by_plan = halves(Timetable(DALIAN, weekly).open_within(week))
    assert halves(free) == open_by_plan - halves(held) - halves(closures)
    assert all(one.end < other.start for one, other in pairwise(free))  # in order, and none touches the next


@given(some.lists(intervals, max_size=8), some.integers(0, 6 * 48), some.integers(1, 8))
def test_offered_times_are_free_on_the_grid_and_as_long_as_wanted(held, start, steps):
    opened = Timetable(DALIAN, WEEKDAYS).open_within(on(0, 0, 24 * 7))
    free = list(gaps_in(opened, held))
    wanted = Interval(MONDAY + start * HOUR / 2, MONDAY + (start + steps) * HOUR / 2)

    for offer in nearest_starts(free, wanted, step=TERMS.step, zone=DALIAN, count=3):
        assert offer.length == wanted.length
        assert on_grid(offer.start, step=TERMS.step, zone=DALIAN)
        assert any(gap.contains(offer) for gap in free)


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Shanghai"])
@given(moment=moments)
def test_a_guests_zone_with_its_clock_changes_shifts_nothing(zone, moment):
    there = moment.astimezone(ZoneInfo(zone))
    seen_from_there = Interval(there, (moment + HOUR).astimezone(ZoneInfo(zone)))

    assert seen_from_there.start == moment
    assert codes(replace(FINE, interval=seen_from_there)) == codes(
        replace(FINE, interval=Interval(moment, moment + HOUR))
    )


def test_an_interval_is_aware_and_not_empty():
    naive = datetime(2026, 11, 23)
    for start, end in [(MONDAY, MONDAY), (MONDAY + HOUR, MONDAY), (naive, naive + HOUR)]:
        with pytest.raises(ValueError, match="interval"):
            Interval(start, end)
