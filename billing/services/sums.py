"""What finance looks at first: how old the receivables are, and what each instrument earned. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Sum, Value, When
from django.utils.translation import gettext as _

from accounts.models import Organisation
from billing.models import Charge, Invoice
from billing.states import SettlementKind
from common.text import in_reading_language

ZERO = Decimal(0)
THINGS = ("instrument", "test_item")
AGES = ((0, 15), (16, 30), (31, 60), (61, None))  # days since the invoice was issued


@dataclass(frozen=True)
class AgeBand:
    """Open invoices that were issued between `first` and `last` days ago; amounts by way of settling."""

    first: int
    last: int | None
    count: int
    amounts: dict[str, Decimal]

    @property
    def total(self) -> Decimal:
        return sum(self.amounts.values(), ZERO)

    @property
    def name(self) -> str:
        return f"{self.first}–{self.last}" if self.last is not None else f"> {self.first - 1}"


@dataclass(frozen=True)
class Earned:
    """What an instrument or test earned: how often, with VAT, without it, by funds; less what was given back."""

    name: str
    count: int
    gross: Decimal
    net: Decimal
    covered: Decimal


def receivables_by_age(seller: Organisation, *, today: date) -> list[AgeBand]:
    """All bands, the youngest first, empty ones too; one statement."""
    bands = [
        When(issued_on__gte=today - timedelta(days=last), then=Value(place))
        for place, (_first, last) in enumerate(AGES)
        if last is not None
    ]
    band = Case(*bands, default=Value(len(AGES) - 1), output_field=IntegerField())
    unpaid = Invoice.objects.filter(seller=seller).unpaid().annotate(band=band).order_by()
    still = F("to_pay") - F("paid") - F("credited")
    rows = list(unpaid.values("band", "settlement").annotate(open=Sum(still), invoices=Count("pk")))
    return [
        AgeBand(
            first, last,
            sum(row["invoices"] for row in rows if row["band"] == place),
            {row["settlement"]: row["open"] for row in rows if row["band"] == place},
        )
        for place, (first, last) in enumerate(AGES)
    ]  # fmt: skip


def settlements_in(bands: list[AgeBand]) -> list[SettlementKind]:
    """The ways of settling that there are receivables of, in their usual order."""
    return [kind for kind in SettlementKind if any(band.amounts.get(kind) for band in bands)]


def revenue_by_instrument(seller: Organisation, *, since: date) -> list[Earned]:
    """By instrument or test, the largest first; what is neither (courses) stands together. One statement."""
    of = {f"{thing}_{part}": F(f"{thing}__name_{part}") for thing in THINGS for part in ("zh", "en")}
    sold: Any = Charge.objects.filter(seller=seller, used_on__gte=since, gross__gt=F("refunded")).order_by()
    left = {
        "sum_gross": Sum(F("gross") - F("refunded")),
        "sum_net": Sum(F("net") - F("refunded") * 100 / (100 + F("vat_rate"))),
        "sum_covered": Sum("covered"),
        "times": Count("pk"),
    }
    rows = sold.values(*THINGS, **of).annotate(**left).order_by("-sum_gross", *THINGS)
    return [
        Earned(
            _name_in(row), row["times"], row["sum_gross"],
            row["sum_net"].quantize(Decimal("0.01")), row["sum_covered"],
        )
        for row in rows
    ]  # fmt: skip


def _name_in(row: dict[str, Any]) -> str:
    thing = next((each for each in THINGS if row[each]), "")
    return in_reading_language(row[f"{thing}_zh"], row[f"{thing}_en"]) if thing else _("Courses and other things")


def month_before(day: date, months: int) -> date:
    """The first day of the month so many months before that of `day`."""
    place = day.year * 12 + day.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)
