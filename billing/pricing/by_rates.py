"""Prices by published rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from billing.pricing.price import ZERO, Factor, Price, PriceLine, in_fen, price_of_lines
from billing.states import BESIDE, BY_TIME, Basis
from common.interval import Interval

ONE = Decimal(1)
NAMES: dict[str, tuple[str, str]] = {
    Basis.HOUR: ("机时", "instrument time"),
    Basis.DAY: ("机时", "instrument time"),
    Basis.RUN: ("测试", "runs"),
    Basis.SAMPLE: ("样品", "samples"),
    Basis.ITEM: ("项目", "items"),
    Basis.POINT: ("测点", "points"),
    Basis.BATCH: ("批次", "batches"),
    Basis.OPERATOR_HOUR: ("操作员", "operator"),
    Basis.SET_UP: ("开机准备", "set-up"),
}


@dataclass(frozen=True)
class Peak:
    """Hours that are dearer (or, below 1, cheaper): weekdays (0 is Monday), minutes after midnight, the factor."""

    weekdays: frozenset[int]
    from_minute: int
    to_minute: int
    factor: Decimal


@dataclass(frozen=True)
class UnitRate:
    """What a unit costs, VAT within; `minimum` units are charged in any case, and they are rounded up to `step`."""

    pk: int
    basis: str
    amount: Decimal
    minimum: Decimal = ZERO
    step: Decimal = ZERO
    peaks: tuple[Peak, ...] = ()


@dataclass(frozen=True)
class Share:
    """What a fund would bear: `percent` of the price, at most the smallest of `limits`."""

    scheme: Mapping[str, Any]
    percent: Decimal
    limits: tuple[Decimal, ...] = ()

    def of(self, gross: Decimal) -> Decimal:
        return max(ZERO, min(in_fen(gross * self.percent / 100), gross, *self.limits))


def priced(
    rates: Sequence[UnitRate],
    *,
    interval: Interval | None,
    quantity: Decimal | None = None,
    assisted: bool = False,
    zone: ZoneInfo,
    category: str,
    vat_rate: Decimal,
    shares: Sequence[Share] = (),
    free: bool = False,
) -> Price | None:
    """The price of time on an instrument, or of `quantity` units of what is counted otherwise; None without a rate.

    Everything is added up exactly and rounded once: so a booking that is split costs the same, but for a fen.
    """
    main = _main_rate(rates, by_time=quantity is None)
    if main is None:
        return None
    counted = _units(main, interval, quantity)
    parts = [(main, counted)]
    for rate in rates:
        if rate.basis == Basis.SET_UP:
            parts.append((rate, Fraction(1)))
        elif rate.basis == Basis.OPERATOR_HOUR and assisted and interval:
            parts.append((rate, _rounded_up(rate, _length(interval, Basis.HOUR))))
    exact = [Fraction(rate.amount) * units for rate, units in parts]
    peaks = _surcharges(main, interval, zone) if interval else []
    list_price = _fen(sum(exact))
    gross = _fen(sum(exact) + sum(more for _peak, more in peaks))
    lines = _lines(parts, _shared_out(list_price, exact))
    factors = [
        Factor(*in_words(peak), peak.factor, amount)
        for (peak, _more), amount in zip(peaks, _shared_out(gross - list_price, [m for _p, m in peaks]), strict=True)
    ]
    if free:
        factors.append(Factor("免费", "free of charge", ZERO, -gross))
        gross = ZERO
    price = price_of_lines(
        lines, vat_rate=vat_rate, category=category, factors=factors, rates=[rate.pk for rate, _units in parts]
    )
    return borne(price, shares)


def borne(price: Price, shares: Sequence[Share]) -> Price:
    """The same price with the share in it of the fund that bears most; unchanged where nothing costs or none helps."""
    best = max(shares, key=lambda share: share.of(price.gross), default=None) if price.gross else None
    if best is None:
        return price
    covered = best.of(price.gross)
    return replace(price, covered=covered, scheme=best.scheme, to_pay=price.gross - covered)


def unborne(price: Price) -> Price:
    """The same price without a fund's share."""
    return replace(price, covered=ZERO, scheme=None, to_pay=price.gross)


def in_words(peak: Peak) -> tuple[str, str]:
    """A peak's hours, in Chinese and in English."""
    hours = f"{peak.from_minute // 60:02}:{peak.from_minute % 60:02}–{peak.to_minute // 60:02}:{peak.to_minute % 60:02}"
    days = sorted(peak.weekdays)
    chinese, english = "每天", "daily"
    if days == [0, 1, 2, 3, 4]:
        chinese, english = "工作日", "weekdays"
    elif days == [5, 6]:
        chinese, english = "周末", "weekends"
    elif len(days) < 7:
        chinese = "、".join(f"周{'一二三四五六日'[day]}" for day in days)
        english = ", ".join(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day] for day in days)
    return f"{chinese} {hours}", f"{english} {hours}"


def peaks_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Peak, ...]:
    """The windows as `Rate.peaks` keeps them."""
    return tuple(
        Peak(frozenset(row["weekdays"]), row["from_minute"], row["to_minute"], Decimal(str(row["factor"])))
        for row in rows
    )


def _main_rate(rates: Sequence[UnitRate], *, by_time: bool) -> UnitRate | None:
    """What the thing itself is priced by: time, an hour before a day, or else what is counted."""
    wanted = list(BY_TIME) if by_time else [each for each in Basis if each not in {*BY_TIME, *BESIDE}]
    return next((rate for basis in wanted for rate in rates if rate.basis == basis), None)


def _units(rate: UnitRate, interval: Interval | None, quantity: Decimal | None) -> Fraction:
    if quantity is not None:
        return _rounded_up(rate, Fraction(quantity))
    assert interval, "time is priced by an interval"
    return _rounded_up(rate, _length(interval, rate.basis))


def _length(interval: Interval, basis: str) -> Fraction:
    """Hours or days, exactly."""
    seconds = Fraction(interval.length // timedelta(microseconds=1), 1_000_000)
    return seconds / (86_400 if basis == Basis.DAY else 3600)


def _rounded_up(rate: UnitRate, units: Fraction) -> Fraction:
    if rate.step:
        units = ceil(units / Fraction(rate.step)) * Fraction(rate.step)
    return max(units, Fraction(rate.minimum))


def _surcharges(rate: UnitRate, interval: Interval, zone: ZoneInfo) -> list[tuple[Peak, Fraction]]:
    """What each window adds for the time that lies in it; time that is only charged, not used, is in none."""
    found = []
    for peak in rate.peaks:
        inside = sum((_length(each, rate.basis) for each in _within(peak, interval, zone)), Fraction(0))
        if inside and peak.factor != ONE:
            found.append((peak, Fraction(rate.amount) * inside * (Fraction(peak.factor) - 1)))
    return found


def _within(peak: Peak, interval: Interval, zone: ZoneInfo) -> list[Interval]:
    """The parts of `interval` in the window, by the facility's clock."""
    day, last = interval.start.astimezone(zone).date(), interval.end.astimezone(zone).date()
    parts = []
    while day <= last:
        if day.weekday() in peak.weekdays:
            midnight = datetime.combine(day, time(), zone)
            window = Interval(_at(midnight, peak.from_minute), _at(midnight, peak.to_minute))
            parts.append(window.common_with(interval))
        day += timedelta(days=1)
    return [part for part in parts if part]


def _at(midnight: datetime, minute: int) -> datetime:
    """So many minutes after midnight on the wall's clock."""
    return midnight + timedelta(minutes=minute)


def _fen(exact: Fraction | int) -> Decimal:
    """Half-up to 0.01, of an exact amount; below zero away from it, as money is rounded."""
    fen = Fraction(exact) * 100
    whole = (2 * abs(fen.numerator) + fen.denominator) // (2 * fen.denominator)
    return Decimal(whole if fen >= 0 else -whole) / 100


def _shared_out(total: Decimal, exact: Sequence[Fraction]) -> list[Decimal]:
    """The parts, each to the fen; the largest takes what rounding leaves over, so that they add up to `total`."""
    parts = [_fen(each) for each in exact]
    if parts:
        largest = max(range(len(parts)), key=lambda index: abs(exact[index]))
        parts[largest] += total - sum(parts, ZERO)
    return parts


def _lines(parts: Sequence[tuple[UnitRate, Fraction]], amounts: Sequence[Decimal]) -> list[PriceLine]:
    return [
        PriceLine(*NAMES[rate.basis], _plain_number(units), rate.basis, rate.amount, amount)
        for (rate, units), amount in zip(parts, amounts, strict=True)
    ]


def _plain_number(units: Fraction) -> Decimal:
    return (Decimal(units.numerator) / Decimal(units.denominator)).quantize(Decimal("0.0001")).normalize()
