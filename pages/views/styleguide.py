"""Every part of the pages on one page, for those who build them."""

from __future__ import annotations

import json

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings.rules.way import Step
from bookings.states import State
from instruments.filters import InstrumentFilter
from instruments.models import Instrument

COLOURS = [
    *("sea-900", "sea-700", "sea-600", "sea-300", "sea-100", "sea-50"),
    *("ink-900", "ink-700", "ink-500", "edge", "line", "paper"),
    *("wait", "wait-bg", "stop", "stop-bg", "good", "good-bg", "focus"),
]
SPACES = [(1, 4), (2, 8), (3, 12), (4, 16), (5, 24), (6, 40), (7, 64)]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """The parts with their states; seen by staff alone."""
    if not getattr(request.user, "is_staff", False):
        raise Http404
    listed = json.loads((settings.BASE_DIR / "package.json").read_text())["jishi"]
    context = {
        "colours": COLOURS,
        "spaces": SPACES,
        "icons": listed["icons"],
        "states": State.choices,
        "stages": [Step(_("Asked for"), "done"), Step(_("The laboratory decides"), "now"), Step(_("Use"), "next")],
        "form": InstrumentFilter({"q": "SEM", "category": "unknown"}).form,
        "instruments": Instrument.objects.visible_to(request.user).for_rows().order_by("pk")[:1],
    }
    return render(request, "pages/styleguide.html", context)
