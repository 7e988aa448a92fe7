"""An instrument's page: its record, its week, its two doors."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from billing import services as billing
from bookings import services as bookings
from bookings.calendar import hours_shown, rows_of
from bookings.models import Fault
from bookings.rules import Terms
from bookings.rules.in_words import policy_in_words
from bookings.states import Severity
from common.interval import Interval
from instruments.formats import json_ld
from instruments.models import BoardNotice, Guide, Instrument
from instruments.permissions import readable
from instruments.services import busy_on
from instruments.states import BookedWhere, Status


@require_safe
def instrument(request: HttpRequest, slug: str) -> HttpResponse:
    visible = Instrument.objects.visible_to(request.user).select_related("facility__organisation", "category")
    shown = bookings.with_terms(visible).filter(slug=slug).first()
    if shown is None or shown.merged_into_id:
        # A record that was merged into another leads there, for everybody and for good.
        return redirect(get_object_or_404(Instrument, merged__slug=slug), permanent=True)
    context = {"instrument": shown, **_about(shown, request.user)}
    if request.user.is_authenticated:
        context["kept"] = request.user.favourites.filter(instrument=shown).exists()
    context["explained"] = explained = bookings.explain_policy(shown, request.user, now=timezone.now())
    context |= _prices(shown, explained.category)
    if shown.booked_where == BookedWhere.HERE and shown.status != Status.RETIRED:
        context |= _week(request, shown, explained)
    return render(request, "pages/instrument.html", context)


def _about(shown: Instrument, user: User | AnonymousUser) -> dict[str, object]:
    """What stands on an instrument's page beside its own record; a fixed number of statements."""
    now = timezone.now()
    return {
        "specifications": list(shown.specifications.all()),
        "busy": busy_on(shown),
        "photos": list(shown.photos.select_related("file__small")),
        "documents": readable(shown.documents.select_related("file"), user, shown.facility),
        "items": list(shown.test_items.filter(is_offered=True).order_by("name_zh")),
        "notices": (notices := list(BoardNotice.objects.shown(now).at(shown.facility)[:5])),
        "more_notices": len(notices) - 1,
        "guides": list(Guide.objects.at(shown.facility)),
        "said_to_machines": json_ld(shown, address=settings.SITE_URL + shown.get_absolute_url(), doors=_doors(shown)),
        "faults": list(Fault.objects.open().filter(instrument=shown, severity=Severity.SEVERE)[:3]),
    }


def _prices(shown: Instrument, category: str) -> dict[str, object]:
    """What it costs each customer category, what an hour costs the reader, and which funds would bear a share.

    One statement where nothing is priced.
    """
    now = timezone.now()
    standing = billing.rates_of(shown, day=timezone.localdate(now))
    if not standing:
        return {"by_category": []}
    hour = Interval(now, now + timedelta(hours=1))
    return {
        "by_category": billing.by_category(standing),
        "price": billing.quote(shown, category=category, interval=hour, at=now) if category else None,
        "schemes": billing.schemes_for(shown, day=timezone.localdate(now)),
        "rated": True,
    }


def _week(request: HttpRequest, shown: Instrument, explained: bookings.Explained) -> dict[str, object]:
    """The week that `?week=` names, by any day of it; this week when it names none."""
    seen_by = request.user if request.user.is_authenticated else None
    today = timezone.localdate(timezone=ZoneInfo(shown.facility.time_zone))
    try:
        asked = date.fromisoformat(request.GET.get("week", ""))
        monday = asked - timedelta(days=asked.weekday())
    except (ValueError, OverflowError):
        monday = today - timedelta(days=today.weekday())
    if abs((monday - today).days) > 800:
        raise Http404
    now, terms = timezone.now(), explained.terms
    days = bookings.week_of(shown, terms=terms, monday=monday, seen_by=seen_by, now=now)
    return {
        "soon": bookings.soon_free(shown, terms, now=now),
        "hours": hours_shown(days, terms.zone),
        "terms": terms,
        "bookable": explained.runs_it or not terms.staff_only,
        "kinds": _kinds(terms, signed_in=seen_by is not None),
        "offset": datetime.combine(monday, time(12), terms.zone).isoformat()[-6:],
        **_ways(request, monday),
        "rules": policy_in_words(terms, quotas=explained.quotas, needs=explained.needs),
        "days": days,
        "rows": rows_of(days, zone=terms.zone, shortest=terms.shortest),
        "today": today,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
    }


def _kinds(terms: Terms, *, signed_in: bool) -> list[str]:
    """What the legend of a week explains."""
    buffers = ["buffer"] if terms.buffer_before or terms.buffer_after else []
    return [*(["mine", "draft"] if signed_in else []), "taken", "pending", "maintenance", *buffers, "closed"]


def _ways(request: HttpRequest, monday: date) -> dict[str, object]:
    """The other weeks, and the two ways to look at one."""
    week = timedelta(days=7)
    view = "list" if request.GET.get("view") == "list" else None
    return {
        "view": view or "calendar",
        "views": [
            {"name": None, "icon": "calendar3", "word": _("As a calendar"), "current": view is None},
            {"name": "list", "icon": "list-ul", "word": _("As a list"), "current": view == "list"},
        ],
        "weeks": [
            {"week": monday - week, "icon": "chevron-left", "word": _("Week before")},
            {"week": None, "icon": "", "word": _("Today")},
            {"week": monday + week, "icon": "chevron-right", "word": _("Week after")},
        ],
    }


def _doors(shown: Instrument) -> list[dict[str, str]]:
    """How its use is to be had, for machines."""
    here = settings.SITE_URL + shown.get_absolute_url()
    booked = {"here": here, "owner": shown.booked_url}.get(shown.booked_where, "")
    doors = [{"name": _("Book time"), "url": booked}] if booked else []
    return [*doors, {"name": _("Send samples"), "url": f"{here}#samples"}] if shown.takes_samples else doors
