"""Ages, clocks and refunds, from facts alone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from outreach.formats import initials_of
from outreach.rules import age_on, due, offer_ends, refund_of, refund_percent

DALIAN = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=DALIAN)


@pytest.mark.parametrize(
    ("day", "born", "age"),
    [
        (date(2026, 7, 1), date(2018, 7, 1), 8),
        (date(2026, 6, 30), date(2018, 7, 1), 7),
        (date(2026, 2, 28), date(2016, 2, 29), 9),
        (date(2026, 3, 1), date(2016, 2, 29), 10),
        (date(2028, 2, 29), date(2016, 2, 29), 12),
    ],
)
def test_a_child_is_as_old_as_whole_years_have_passed_on_29_february_too(day, born, age):
    assert age_on(day, born) == age


@pytest.mark.parametrize(
    ("made", "hours", "ends"),
    [
        (at(1, 9), 4, at(1, 13)),
        (at(1, 21), 4, at(2, 11)),  # an hour tonight, three from eight o'clock on
        (at(1, 21), 2, at(2, 10)),  # would end at nine: nobody is asked to answer before ten
        (at(1, 3), 1, at(1, 10)),
        (at(1, 23, 30), 14, at(2, 22)),
        (at(1, 8), 14, at(1, 22)),
        (at(1, 22), 42, at(4, 22)),
    ],
)
def test_an_offers_clock_runs_by_day_and_never_ends_before_ten(made, hours, ends):
    assert offer_ends(made, hours) == ends
    assert 10 <= offer_ends(made, hours).hour <= 22


def test_an_offer_ends_at_the_latest_when_the_session_begins():
    assert due(at(1, 9), 14, begins=at(1, 12)) == at(1, 12)


@pytest.mark.parametrize(("on", "percent"), [(1, 100), (3, 100), (4, 50), (8, 50), (9, 0), (10, 0)])
def test_the_refund_is_the_best_step_that_is_reached(on, percent):
    table = [{"days_before": 7, "percent": 100}, {"days_before": 2, "percent": 50}]

    assert refund_percent(table, first_day=date(2026, 12, 10), on=date(2026, 12, on)) == percent


def test_a_refund_is_rounded_once_half_up():
    assert refund_of(Decimal("99.99"), 50) == Decimal("50.00")


@pytest.mark.parametrize(
    ("name", "initials"), [("王小明", "W.X.M."), ("欧阳 娜娜", "O.Y.N.N."), ("Anna Lee", "A.L."), ("单小明", "S.X.M.")]
)
def test_a_name_is_shortened_to_initials(name, initials):
    assert initials_of(name) == initials
