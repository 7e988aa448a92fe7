"""What is open to everybody: programmes, one of them (also as a brochure), and certificates."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from outreach.forms import FilterForm
from outreach.models import Certificate, Programme, Session
from outreach.permissions import may_coordinate
from outreach.views.finding import programme_of

SHOWN = 60


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    """The coming programmes, the soonest first, for an age and a time."""
    form, now = FilterForm(request.GET or None), timezone.now()
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = Programme.objects.coming(now, first=asked.get("first"), last=asked.get("last"))
    found = found.select_related("organisation", "facility")
    if asked.get("kind"):
        found = found.filter(kind=asked["kind"])
    if asked.get("age"):
        found = found.for_age(asked["age"])
    shown = list(found[:SHOWN])
    sessions = Session.objects.open_ahead(now).filter(programme__in=shown).order_by("programme", "starts_at")
    of_each = {pk: list(rows) for pk, rows in groupby(sessions, key=lambda each: each.programme_id)}
    rows = [(each, of_each.get(each.pk, [])) for each in shown]
    return render(request, "outreach/programmes.html", {"form": form, "rows": rows, "filtered": bool(asked)})


@require_safe
def programme(request: HttpRequest, programme: str) -> HttpResponse:
    """A programme with all that parents are told; printed, it is the brochure."""
    shown, now = programme_of(request, programme), timezone.now()
    days = groupby(shown.itinerary.all(), key=lambda each: each.day)
    context = {
        "programme": shown,
        "sessions": Session.objects.open_ahead(now).filter(programme=shown).prefetch_related("safety_duties"),
        "days": [(day, list(items)) for day, items in days],
        "address": request.build_absolute_uri(shown.get_absolute_url()),
        "coordinates": request.user.is_authenticated and may_coordinate(request.user, shown.organisation),
    }
    return render(request, "outreach/programme.html", context)


@require_safe
def certificate(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a certificate is real: for whoever scans its code. It names no child."""
    known = Certificate.objects.select_related("enrolment__session__programme__organisation")
    found = get_object_or_404(known, code=code)
    response = render(request, "outreach/certificate.html", {"certificate": found, "session": found.enrolment.session})
    response["X-Robots-Tag"] = "noindex"
    return response
