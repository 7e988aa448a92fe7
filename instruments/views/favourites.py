"""The heart beside an instrument."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from common.web import came_from, is_part
from instruments import services
from instruments.models import Instrument


@login_required
@require_POST
def favourite(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep it at hand (`keep=yes`) or no longer; in place the heart comes back as it is now."""
    instrument = get_object_or_404(Instrument.objects.visible_to(request.user), slug=slug)
    keep = request.POST.get("keep") == "yes"
    change = services.favour if keep else services.unfavour
    change(instrument, by=request.user)
    if is_part(request):
        return render(request, "instruments/heart.html", {"instrument": instrument, "kept": keep})
    return redirect(came_from(request) or instrument)
