"""Home, catalogue, instrument, errors and health: pages that need several apps."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Paginator
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from bookings import services as bookings
from bookings.calendar import hours_shown, rows_of
from bookings.models import Booking, Fault
from bookings.rules import Terms
from bookings.rules.in_words import policy_in_words
from bookings.states import Severity
from common.api import NOT_HERE, problem_response
from common.text import tidy
from instruments.filters import ITEM_CONDITIONS, InstrumentFilter, SearchFilter, TestItemFilter
from instruments.formats import json_ld
from instruments.models import BoardNotice, Guide, Instrument, TestItem
from instruments.permissions import readable
from instruments.services import Facets, busy_on, count_instruments, count_items
from instruments.states import BookedWhere, Status
from notifications.models import Mail
from records.models import DEMO, Mark

A_PAGE = 20
SHOWN_AT_HOME, SHOWN_NOTICES = 6, 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    visible = Instrument.objects.visible_to(request.user)
    context = {
        "instruments": visible.select_related("facility__organisation").order_by("created_at", "pk")[:SHOWN_AT_HOME],
        "notices": BoardNotice.objects.of(None).shown(timezone.now()).filter(is_pinned=True)[:SHOWN_NOTICES],
        "instrument_count": visible.count(),
        "organisation_count": Organisation.objects.filter(facilities__isnull=False).distinct().count(),
    }
    return render(request, "pages/home.html", context)


@login_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Where one lands after signing in: what waits for a decision, else one's bookings, else the catalogue."""
    if Booking.objects.needing_decision_of(request.user).exists():
        return redirect("inbox")
    return redirect("my_bookings" if Booking.objects.of(request.user).exists() else "catalogue")


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """What the words and filters of the address find: instruments, or with `show=items` what laboratories test."""
    instruments = InstrumentFilter(
        request.GET,
        queryset=Instrument.objects.visible_to(request.user).select_related("facility__organisation", "category"),
    )
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
    return render(request, "pages/catalogue.html", _shelf(request, chosen, facets, others))


def _shelf(request: HttpRequest, chosen: SearchFilter, facets: Facets, others: int) -> dict[str, object]:
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


@require_safe
def instrument(request: HttpRequest, slug: str) -> HttpResponse:
    visible = Instrument.objects.visible_to(request.user).select_related("facility__organisation", "category")
    shown = bookings.with_terms(visible).filter(slug=slug).first()
    if shown is None or shown.merged_into_id:
        # A record that was merged into another leads there, for everybody and for good.
        return redirect(get_object_or_404(Instrument, merged__slug=slug), permanent=True)
    context = {"instrument": shown, **_about(shown, request.user)}
    context["explained"] = explained = bookings.explain_policy(shown, request.user, now=timezone.now())
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


@require_safe
def demo_mail(request: HttpRequest, mail_id: UUID | None = None) -> HttpResponse:
    """The mails of the demo city, as the worker sent them: only where mail goes nowhere else."""
    if settings.EMAIL_URL or not Mark.objects.filter(name=DEMO).exists():
        raise Http404
    address = tidy(request.GET.get("to", ""))
    mails = Mail.objects.order_by("-created_at")
    chosen = get_object_or_404(mails, pk=mail_id) if mail_id else None
    if address:
        mails = mails.filter(address=address)
    return render(request, "pages/demo_mail.html", {"mails": mails[:100], "chosen": chosen, "address": address})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers leave alone, and where the list of pages is."""
    closed = ["/accounts/", "/account/", "/admin/", "/api/", "/bookings/", "/inbox/", "/lab/", "/feeds/"]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {settings.SITE_URL}/sitemap.xml"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "down", "database": "down"}, status=503)
    return JsonResponse({"status": "ok", "database": "ok"})


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", {"why": str(exception)}, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(404, "not_found", _(NOT_HERE))
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(500, "server_error", _("Something went wrong on our side"))
    return render(request, "errors/500.html", status=500)
