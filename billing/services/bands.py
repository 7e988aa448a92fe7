"""The catalogue by price: what an hour costs firms, which is the price that is published for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.states import CustomerCategory
from billing.models import Rate
from billing.states import Basis


@dataclass(frozen=True)
class Band:
    """More than `over` and up to `to` yuan an hour; None: without end."""

    value: str
    over: int
    to: int | None

    @property
    def label(self) -> str:
        words = {"from": f"¥{self.over}", "to": f"¥{self.to}"}
        if self.to is None:
            return _("over %(from)s") % words
        return _("%(from)s to %(to)s") % words if self.over else _("up to %(to)s") % words

    @property
    def fits(self) -> Q:
        above = Q(amount__gt=self.over) if self.over else Q(amount__gte=0)
        return above if self.to is None else above & Q(amount__lte=self.to)


BANDS = [Band("0-100", 0, 100), Band("100-300", 100, 300), Band("300-1000", 300, 1000), Band("1000-", 1000, None)]


def band_of(value: str) -> Band | None:
    return next((band for band in BANDS if band.value == value), None)


def _hourly(day: date) -> Any:
    return Rate.objects.filter(category=CustomerCategory.COMPANY, basis=Basis.HOUR).standing(day)


def in_band(instruments: QuerySet[Any], band: Band, *, day: date) -> Any:
    """Those of the instruments whose hour costs firms as much as the band says."""
    standing = Rate.objects.filter(pk__in=_hourly(day).values("pk"))
    return instruments.filter(pk__in=standing.filter(band.fits).values("instrument"))


def count_bands(instruments: QuerySet[Any], *, day: date) -> list[tuple[Band, int]]:
    """How many of the instruments each band holds, empty ones left out; one statement."""
    standing = Rate.objects.filter(pk__in=_hourly(day).values("pk"), instrument__in=instruments.order_by().values("pk"))
    counts = standing.aggregate(**{f"n{n}": Count("pk", filter=band.fits) for n, band in enumerate(BANDS)})
    return [(band, counts[f"n{n}"]) for n, band in enumerate(BANDS) if counts[f"n{n}"]]
