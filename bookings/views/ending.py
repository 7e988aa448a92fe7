"""Retiring an instrument, and merging two records of one: what it would do is shown before it is done."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bookings import services
from bookings.forms import MergeForm, RetireForm
from bookings.views.finding import instrument_of
from common.web import READ_OR_SEND, saved
from instruments.models import Instrument
from instruments.permissions import refuse_unless_may_edit
from instruments.states import Status


@login_required
@READ_OR_SEND
def retire(request: HttpRequest, slug: str) -> HttpResponse:
    """Retire an instrument: first what would be cancelled, then the reason, then the deed."""
    instrument = _editable(request, slug)
    form = RetireForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and saved(
        form, lambda: services.retire(instrument, by=request.user, reason=form.cleaned_data["reason"])
    ):
        messages.success(
            request, _("%(name)s is retired. Everybody who had booked it was told.") % {"name": instrument}
        )
        return redirect("catalogue")
    context = {"instrument": instrument, "form": form, "would": services.consequences_of_retiring(instrument)}
    return render(request, "bookings/lab/retire.html", context, status=400 if form.errors else 200)


@login_required
@READ_OR_SEND
def merge(request: HttpRequest, slug: str) -> HttpResponse:
    """Merge an instrument into another: chosen first (`?into=`), then what would go over, then the deed."""
    instrument = _editable(request, slug)
    same = Instrument.objects.visible_to(request.user).filter(organisation=instrument.organisation_id)
    others = same.exclude(pk=instrument.pk).exclude(status=Status.RETIRED).order_by("name_zh", "slug")
    asked = request.POST.get("into") or request.GET.get("into", "")
    into = get_object_or_404(others.select_related("facility"), slug=asked) if asked else None
    form = MergeForm(request.POST if request.method == "POST" else None, others=others, initial={"into": asked})
    if (
        into
        and request.method == "POST"
        and saved(form, lambda: services.merge(instrument, into=into, by=request.user))
    ):
        messages.success(request, _("Merged. The old address leads here."))
        return redirect(into)
    would = services.consequences_of_merging(instrument, into=into) if into else None
    context = {"instrument": instrument, "form": form, "into": into, "would": would}
    return render(request, "bookings/lab/merge.html", context, status=400 if form.errors else 200)


def _editable(request: HttpRequest, slug: str) -> Instrument:
    found = instrument_of(request, slug)
    refuse_unless_may_edit(request.user, found.facility)
    return found
