"""What something would cost: the rates that stand, the VAT, and what a fund would bear. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import Organisation
from accounts.states import CustomerCategory
from billing.models import Rate, VatRate, Wallet
from billing.pricing import USUAL_VAT, Price, UnitRate, borne, peaks_from, priced
from billing.rules import is_without_vat
from billing.services.schemes import shares_for
from billing.services.wallets import Terms, settlement_between
from billing.states import SettlementKind
from common.errors import InFlight
from common.interval import Interval
from instruments.models import Instrument, TestItem

INTERNAL = (CustomerCategory.OWN_GROUP, CustomerCategory.OWN_INSTITUTION)


def rates_of(thing: Instrument | TestItem, *, day: date, category: str = "") -> list[Rate]:
    """The rates that stand on `day`, of one category or of all; one statement."""
    owner = {"instrument": thing} if isinstance(thing, Instrument) else {"test_item": thing}
    found = Rate.objects.filter(**owner).standing(day)
    return list(found.filter(category=category) if category else found)


def by_category(standing: Iterable[Rate]) -> list[tuple[str, list[Rate]]]:
    """The categories that have a rate, in the order in which they are named everywhere."""
    known = list(standing)
    found = [(category, [rate for rate in known if rate.category == category]) for category in CustomerCategory]
    return [(str(category.label), each) for category, each in found if each]


def coming_rates(thing: Instrument | TestItem, *, day: date) -> list[Rate]:
    """Those announced for a later day."""
    owner = {"instrument": thing} if isinstance(thing, Instrument) else {"test_item": thing}
    return list(Rate.objects.filter(**owner).coming(day).order_by("begins", "category", "basis"))


def vat_of(seller: Organisation, *, day: date) -> Decimal:
    """The VAT, in percent, that is in a seller's prices on a day."""
    row = VatRate.objects.filter(seller=seller).standing(day).first()
    return row.percent if row else USUAL_VAT


def quote(
    thing: Instrument | TestItem,
    *,
    category: str,
    interval: Interval | None = None,
    quantity: Decimal | None = None,
    assisted: bool = False,
    at: datetime,
    payer: Wallet | None = None,
    terms: Terms | None = None,
    rates: Sequence[UnitRate] | None = None,
) -> Price | None:
    """The explanation of what it would cost, by the rates of the day `at`; None where no rate is published.

    One statement where there is none; else at most five. Without a `payer` the price is that of the category alone.
    """
    day = timezone.localdate(at)
    if rates is None:
        rates = [unit_rate(each) for each in rates_of(thing, day=day, category=category)]
    if not rates:
        return None
    seller = thing.facility.organisation
    terms = terms or (settlement_between(payer, seller) if payer else None)
    internal = is_without_vat(terms.kind) if terms else category in INTERNAL
    return priced(
        rates,
        interval=interval,
        quantity=quantity,
        assisted=assisted,
        zone=ZoneInfo(thing.facility.time_zone),
        category=category,
        vat_rate=Decimal(0) if internal else vat_of(seller, day=day),
        shares=shares_for(thing, category=category, wallet=payer, day=day),
        free=terms is not None and terms.kind == SettlementKind.FREE,
    )


def with_share(price: Price, thing: Instrument | TestItem | None, *, category: str, payer: Wallet, day: date) -> Price:
    """A price that somebody named, with what the best fund would bear of it; two statements."""
    return borne(price, shares_for(thing, category=category, wallet=payer, day=day))


def unit_rate(rate: Rate) -> UnitRate:
    """What pricing needs to know of a row."""
    return UnitRate(rate.pk, rate.basis, rate.amount, rate.minimum, rate.step, peaks_from(rate.peaks))


def standing_among(rows: Iterable[Mapping[str, Any]], *, category: str, day: date) -> list[UnitRate]:
    """The same from rows of `Rate.objects.rows()` that came along with something: no statement at all."""
    latest: dict[str, Mapping[str, Any]] = {}
    begun = (row for row in rows if row["category"] == category and date.fromisoformat(row["begins"]) <= day)
    for row in sorted(begun, key=lambda row: row["begins"]):
        latest[row["basis"]] = row
    return [
        UnitRate(
            row["pk"], row["basis"], Decimal(row["amount"]), Decimal(row["minimum"]), Decimal(row["step"]),
            peaks_from(row["peaks"]),
        )
        for row in latest.values()
    ]  # fmt: skip


def mark_used(rates: Iterable[int]) -> None:
    """A price was frozen by these rates: from now on they stand for good. Raises InFlight where one was withdrawn."""
    wanted = set(rates)
    if not wanted:
        return
    known = Rate.objects.filter(pk__in=wanted).select_for_update(no_key=True)
    fresh = [rate.pk for rate in known.order_by("pk") if rate.first_used_at is None]
    if len(known) != len(wanted):
        raise InFlight
    if fresh:
        Rate.objects.filter(pk__in=fresh).update(first_used_at=timezone.now())
