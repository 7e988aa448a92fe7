"""Pages: what a laboratory's instruments cost, for those who say so."""

from __future__ import annotations

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
from instruments.models import Facility, Instrument


@login_required
@READ_OR_SEND
@says_why("laboratories")
def rates(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """The rates of one instrument, or which instruments of the laboratory have any: announce one, withdraw one."""
    found = get_object_or_404(Facility.objects.select_related("organisation"), slug=facility)
    if not may_rate(request.user, found):
        raise NotAllowed(_("Only the laboratory's admins and its institution's finance may do this."))
    instruments = list(Instrument.objects.filter(facility=found, merged_into=None).order_by("name_zh", "pk"))
    today = timezone.localdate()
    context = {"facility": found, "instruments": instruments, "today": today}
    if not slug:
        standing = Rate.objects.filter(instrument__facility=found).standing(today)
        priced = set(standing.values_list("instrument", flat=True))
        context["rows"] = [(each, each.pk in priced) for each in instruments]
        return render(request, "billing/rates_of_all.html", context)
    instrument = get_object_or_404(
        Instrument.objects.select_related("facility__organisation"), slug=slug, facility=found
    )
    form = RateForm()
    if request.POST.get("do") == "withdraw":
        pk = request.POST.get("rate", "")
        rate = get_object_or_404(
            Rate, pk=pk if pk.isascii() and pk.isdecimal() and len(pk) < 18 else 0, instrument=instrument
        )
        services.withdraw_rate(rate, by=request.user)
        return here(request, _("Withdrawn."))
    if request.method == "POST":
        form = given = RateForm(request.POST)
        if saved(given, lambda: services.set_rate(instrument, by=request.user, **given.values())):
            return here(request, _("Announced."))
    context |= {
        "instrument": instrument,
        "form": form,
        "vat": services.vat_of(found.organisation, day=today),
        "by_category": services.by_category(services.rates_of(instrument, day=today)),
        "coming": services.coming_rates(instrument, day=today),
    }
    return render(request, "billing/rates.html", context, status=400 if form.errors else 200)
