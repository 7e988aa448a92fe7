"""Pages: what a laboratory's instruments and tests cost, for those who say so."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from billing import services
from billing.forms import RateForm
from billing.models import Rate
from billing.permissions import may_rate
from common.errors import NotAllowed
from common.web import READ_OR_SEND, here, saved, says_why
from instruments.models import Facility, Instrument, TestItem


@login_required
@READ_OR_SEND
@says_why("laboratories")
def rates(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """The rates of one instrument, or which instruments and tests of the laboratory have any."""
    found = _facility_of(request, facility)
    if slug:
        seen = Instrument.objects.select_related("facility__organisation")
        return _of_one(request, found, get_object_or_404(seen, slug=slug, facility=found))
    standing = Rate.objects.standing(timezone.localdate())
    priced = set(standing.filter(instrument__facility=found).values_list("instrument", flat=True))
    priced_items = set(standing.filter(test_item__facility=found).values_list("test_item", flat=True))
    things = _things_of(found)
    context = {
        "facility": found,
        "rows": [(each, each.pk in priced) for each in things["instruments"]],
        "item_rows": [(each, each.pk in priced_items) for each in things["items"]],
    }
    return render(request, "billing/rates_of_all.html", context)


@login_required
@READ_OR_SEND
@says_why("laboratories")
def item_rates(request: HttpRequest, facility: str, slug: str) -> HttpResponse:
    """The rates of one test of the laboratory."""
    found = _facility_of(request, facility)
    seen = TestItem.objects.select_related("facility__organisation")
    return _of_one(request, found, get_object_or_404(seen, slug=slug, facility=found))


def _facility_of(request: HttpRequest, slug: str) -> Facility:
    found = get_object_or_404(Facility.objects.select_related("organisation"), slug=slug)
    if not may_rate(request.user, found):
        raise NotAllowed(_("Only the laboratory's admins and its institution's finance may do this."))
    return found


def _things_of(facility: Facility) -> dict[str, list[Any]]:
    """What of the laboratory can have a price."""
    instruments = Instrument.objects.filter(facility=facility, merged_into=None)
    return {
        "instruments": list(instruments.order_by("name_zh", "pk")),
        "items": list(TestItem.objects.filter(facility=facility, is_offered=True).order_by("name_zh", "pk")),
    }


def _of_one(request: HttpRequest, facility: Facility, thing: Instrument | TestItem) -> HttpResponse:
    """The rates that stand and that are announced: announce one, withdraw one."""
    today, form = timezone.localdate(), RateForm()
    if request.POST.get("do") == "withdraw":
        services.withdraw_rate(_rate_of(request, thing), by=request.user)
        return here(request, _("Withdrawn."))
    if request.method == "POST":
        form = given = RateForm(request.POST)
        if saved(given, lambda: services.set_rate(thing, by=request.user, **given.values())):
            return here(request, _("Announced."))
    context = {
        "facility": facility,
        "thing": thing,
        **_things_of(facility),
        "form": form,
        "vat": services.vat_of(facility.organisation, day=today),
        "by_category": services.by_category(services.rates_of(thing, day=today)),
        "coming": services.coming_rates(thing, day=today),
    }
    return render(request, "billing/rates.html", context, status=400 if form.errors else 200)


def _rate_of(request: HttpRequest, thing: Instrument | TestItem) -> Rate:
    pk = request.POST.get("rate", "")
    owner = {"instrument": thing} if isinstance(thing, Instrument) else {"test_item": thing}
    return get_object_or_404(Rate, pk=pk if pk.isascii() and pk.isdecimal() and len(pk) < 18 else 0, **owner)
