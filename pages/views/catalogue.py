"""The catalogue: what words and filters find."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from billing import services as billing
from bookings import services as bookings
from instruments.filters import ITEM_CONDITIONS, InstrumentFilter, SearchFilter, TestItemFilter
from instruments.models import Instrument, TestItem
from instruments.services import Facet, Facets, Option, count_instruments, count_items

A_PAGE = 20


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What the words and filters of the address find: instruments, or with `show=items` what laboratories test."""
    visible = Instrument.objects.visible_to(request.user).for_rows()
    only_kept = request.user.is_authenticated and request.GET.get("show") == "favourites"
    records = visible.favourites_of(request.user) if only_kept else visible
    band, today = billing.band_of(request.GET.get("price", "")), timezone.localdate()
    instruments = InstrumentFilter(request.GET, queryset=billing.in_band(records, band, day=today) if band else records)
    found = instruments.by_words_alone()
    items = TestItemFilter(
        request.GET,
        queryset=TestItem.objects.visible_to(request.user).select_related("facility__organisation"),
        readings=instruments.readings,
    )
    if request.GET.get("show") == "items":
        chosen, facets = items, count_items(items.by_words_alone(), items.conditions())
        others = found.filter(
            *(fit for name, fit in instruments.conditions().items() if name in ITEM_CONDITIONS)
        ).count()
    else:
        chosen, facets = instruments, count_instruments(found, instruments.conditions())
        others = items.qs.count() if items.is_valid() else 0
    shelf = _shelf(request, chosen, facets, others)
    if not shelf["shows_items"] and instruments.is_valid():
        unbanded = InstrumentFilter(request.GET, queryset=records, readings=instruments.readings)
        shelf |= _with_prices(shelf, billing.count_bands(unbanded.qs, day=today), band)
    rows = _rows(request, [] if shelf["shows_items"] else list(shelf["page"]))
    return render(request, "pages/catalogue.html", {**shelf, "rows": rows, "only_kept": only_kept})


def _with_prices(shelf: dict[str, Any], counted: list[tuple[Any, int]], band: Any) -> dict[str, Any]:
    """The shelf with the bands of price among its facets: prices are no part of the record of an instrument."""
    if not counted and not band:
        return {}
    options = [Option(each.value, each.label, count) for each, count in counted]
    found = {
        "facets": [*shelf["facets"], Facet("price", _("Price an hour for firms"), options)]
        if options
        else shelf["facets"]
    }
    if band:
        found |= {
            "chips": [*shelf["chips"], ("price", band.value, band.label)],
            "picked": {**shelf["picked"], "price": band.value},
        }
    return found


def _rows(request: HttpRequest, shown: list[Instrument]) -> list[tuple[Instrument, bookings.FirstFree | None, bool]]:
    """Each with when it is free, and whether the reader keeps it at hand; three statements for any number."""
    kept: set[int] = set()
    if request.user.is_authenticated:
        here = Instrument.objects.filter(pk__in=[each.pk for each in shown])
        kept = set(here.favourites_of(request.user).values_list("pk", flat=True))
    found = bookings.each_with_first_free(shown, now=timezone.now())
    return [(each, free, each.pk in kept) for each, free in found]


def _shelf(request: HttpRequest, chosen: SearchFilter, facets: Facets, others: int) -> dict[str, Any]:
    """A page of what was chosen; `others` are the results behind the other tab."""
    ordered = chosen.qs.best_first(chosen.reading) if chosen.reading else chosen.qs.by_name()
    valid = chosen.is_valid()
    paginator = Paginator(ordered if valid else chosen.queryset.none(), A_PAGE)
    paginator.count = facets.total if valid else 0  # counted with the facets
    picked = {name: request.GET[name] for name in chosen.conditions()}
    shows_items = isinstance(chosen, TestItemFilter)
    return {
        "filter": chosen,
        "page": paginator.get_page(request.GET.get("page")),
        "facets": facets.facets if valid else [],
        "chips": [(name, value, facets.label_of(name, value)) for name, value in picked.items()],
        "picked": picked,
        "reading": chosen.reading,
        "shows_items": shows_items,
        "instrument_count": others if shows_items else paginator.count,
        "item_count": paginator.count if shows_items else others,
    }
