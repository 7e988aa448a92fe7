"""Prices against an independent calculation, and what holds for every price."""

import csv
import importlib.util
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.pricing import Price, PriceLine, Share, UnitRate, peaks_from, price_of_lines, priced
from billing.states import Basis
from common.interval import Interval

HERE = Path(__file__).parent / "golden"
DALIAN = ZoneInfo("Asia/Shanghai")
FEN = Decimal("0.01")


def rows():
    with (HERE / "prices.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def hundredths(text):
    return Decimal(text) / 100


def price_of(row):
    start = datetime.fromisoformat(row["begins"]).replace(tzinfo=DALIAN)
    peaks = [
        {
            "weekdays": [int(day) for day in days],
            "from_minute": int(first),
            "to_minute": int(last),
            "factor": hundredths(by),
        }
        for days, first, last, by in (each.split("|") for each in row["peaks"].split(";") if each)
    ]
    rate = UnitRate(
        1, row["basis"], hundredths(row["rate"]), hundredths(row["least"]), hundredths(row["step"]), peaks_from(peaks)
    )
    beside = [
        UnitRate(pk, basis, hundredths(row[name]))
        for pk, basis, name in ((2, Basis.OPERATOR_HOUR, "operator"), (3, Basis.SET_UP, "set_up"))
        if row[name] != "0"
    ]
    limits = tuple(hundredths(row[name]) for name in ("cap", "year", "pool") if row[name])
    return priced(
        [rate, *beside],
        interval=Interval(start, start + timedelta(minutes=int(row["minutes"]))),
        assisted=row["operator"] != "0",
        zone=DALIAN,
        category="sme",
        vat_rate=hundredths(row["vat"]),
        shares=[Share({"name_zh": "示例"}, hundredths(row["share"]), limits)] if row["share"] != "0" else [],
    )


def test_346_prices_equal_an_independent_calculation_to_the_fen():
    assert len(rows()) == 346
    wrong = []
    for number, row in enumerate(rows(), 2):
        price = price_of(row)
        found = [price.list_price, price.gross, price.net, price.vat, price.covered, price.to_pay]
        expected = [hundredths(row[name]) for name in ("list", "gross", "net", "vat_amount", "covered", "to_pay")]
        if found != expected:
            wrong.append((number, row, found, expected))
    assert not wrong


def test_the_table_is_what_its_program_writes():
    program = importlib.util.spec_from_file_location("make_prices", HERE / "make_prices.py")
    module = importlib.util.module_from_spec(program)
    program.loader.exec_module(module)
    module.check()
    assert module.rows() == [list(row.values()) for row in rows()]


PEAKS = peaks_from([{"weekdays": [0, 1, 2, 3, 4], "from_minute": 540, "to_minute": 1080, "factor": "1.25"}])


@settings(max_examples=300, deadline=None)
@given(
    amount=st.decimals(0, 5000, places=2),
    start=st.integers(0, 20_000),
    minutes=st.integers(2, 3000),
    at=st.floats(0.01, 0.99),
    peaks=st.sampled_from([(), PEAKS]),
)
def test_a_booking_that_is_split_costs_the_same_but_for_a_fen(amount, start, minutes, at, peaks):
    begin = datetime(2026, 11, 23, tzinfo=DALIAN) + timedelta(minutes=start)
    middle, end = begin + timedelta(minutes=max(1, int(minutes * at))), begin + timedelta(minutes=minutes)
    terms = {"zone": DALIAN, "category": "company", "vat_rate": Decimal(6)}
    rates = [UnitRate(1, Basis.HOUR, amount, peaks=peaks)]
    whole, first, second = (
        priced(rates, interval=Interval(*each), **terms) for each in ((begin, end), (begin, middle), (middle, end))
    )
    assert abs(whole.gross - first.gross - second.gross) <= FEN


@pytest.mark.parametrize("row", rows()[::17])
def test_the_lines_of_an_explanation_add_up_and_it_survives_being_frozen(row):
    price = price_of(row)
    assert sum(line.amount for line in price.lines) == price.list_price
    assert price.list_price + sum(each.amount for each in price.factors) == price.gross
    assert price.net + price.vat == price.covered + price.to_pay == price.gross
    assert Price.from_json(price.as_json()) == price


def test_what_is_agreed_to_be_free_costs_nothing_and_says_so():
    hour = Interval(datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC))
    terms = {"zone": DALIAN, "category": "academic", "vat_rate": Decimal(6)}
    price = priced([UnitRate(1, Basis.HOUR, Decimal(300))], interval=hour, free=True, **terms)
    assert (price.list_price, price.gross, price.to_pay) == (300, 0, 0)


def test_time_has_no_price_where_only_samples_have_one():
    hour = Interval(datetime(2026, 11, 23, 1, tzinfo=UTC), datetime(2026, 11, 23, 2, tzinfo=UTC))
    terms = {"zone": DALIAN, "category": "academic", "vat_rate": Decimal(6)}
    assert priced([UnitRate(1, Basis.SAMPLE, Decimal(300))], interval=hour, **terms) is None
    three = priced([UnitRate(1, Basis.SAMPLE, Decimal(300))], interval=None, quantity=Decimal(3), **terms)
    assert three.gross == 900


def test_a_price_that_somebody_named_is_split_into_net_and_vat():
    line = PriceLine("报名费", "fee", Decimal(1), "", Decimal(100), Decimal(100))
    price = price_of_lines([line], vat_rate=Decimal(6))
    assert (price.net, price.vat, price.to_pay) == (Decimal("94.34"), Decimal("5.66"), Decimal(100))
