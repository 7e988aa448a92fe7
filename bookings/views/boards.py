"""A day of many instruments to look at: the laboratory's plan, the timeline, the screen on the wall."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from bookings import services
from bookings.calendar import Bar, bars_of, hours_of_lanes
from bookings.models import Feed
from bookings.services.day import Lane
from bookings.states import FeedKind
from bookings.views.finding import facility_run_by
from common.api import EARLIEST_YEAR, LATEST_YEAR
from common.interval import Interval
from common.web import asks_for_password, page_or_part, password_in
from instruments.filters import InstrumentFilter
from instruments.models import Facility, Instrument
from instruments.querysets import InstrumentQuerySet
from instruments.states import Status

ROWS = 50
LOOKED_THROUGH = 500  # instruments, when only those are wanted that are free at some time
LOOK_AT = ["over_time", "late", "pending"]  # what the head of the plan counts
KINDS = ["free", "mine", "taken", "pending", "maintenance", "buffer", "closed", "over"]
PORTAL_ZONE = ZoneInfo("Asia/Shanghai")


@login_required
@require_safe
def day_board(request: HttpRequest, facility: str) -> HttpResponse:
    """The plan of a laboratory's day: who comes when, who is there, what is free next."""
    found, now = facility_run_by(request, facility), timezone.now()
    zone = ZoneInfo(found.time_zone)
    day = _day_asked(request, zone)
    places = services.board_of(found, day=day, seen_by=request.user, now=now)
    counted = Counter(entry.standing for place in places for entry in place.entries)
    context = {
        "facility": found,
        "zone": zone,
        "places": places,
        "to_look_at": [(standing, counted[standing]) for standing in LOOK_AT if counted[standing]],
        "now": now,
        "early": now + services.EARLY_CHECK_IN,
        "walls": Feed.objects.walls_of(found).select_related("owner"),
        **_days(day, zone),
    }
    return page_or_part(request, "bookings/day_board.html", "bookings/day_board_part.html", context)


@require_safe
def wall(request: HttpRequest, secret: str) -> HttpResponse:
    """The board of a laboratory for a screen on its wall: at a secret address, without sign-in or cookie."""
    feed = services.feed_at(secret, kind=FeedKind.WALL)
    if feed is None or feed.facility is None:
        raise Http404
    return _wall(request, feed, feed.facility)


@require_safe
def locked_wall(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    """The same at an address that says nothing: the screen's browser asks for the password once."""
    feed = services.feed_unlocked(feed_id, password_in(request), kind=FeedKind.WALL)
    return _wall(request, feed, feed.facility) if feed and feed.facility else asks_for_password()


def _wall(request: HttpRequest, feed: Feed, facility: Facility) -> HttpResponse:
    now, zone = timezone.now(), ZoneInfo(facility.time_zone)
    today = now.astimezone(zone).date()
    places = services.board_of(facility, day=today, seen_by=None, now=now)
    context = {"facility": facility, "zone": zone, "places": places, "now": now, "day": today}
    with translation.override(feed.owner.language):
        response = render(request, "bookings/wall.html", context)
    response["X-Robots-Tag"], response["Cache-Control"] = "noindex", "no-store"
    return response


@require_safe
def timeline(request: HttpRequest) -> HttpResponse:
    """A day of many instruments, over the catalogue's own filters."""
    chosen = InstrumentFilter(request.GET, queryset=Instrument.objects.visible_to(request.user))
    found = chosen.qs if chosen.is_valid() else Instrument.objects.none()
    return _timeline(request, found, filters=[chosen.form[name] for name in ("q", "organisation", "category")])


@login_required
@require_safe
def lab_timeline(request: HttpRequest, facility: str) -> HttpResponse:
    """The same for a laboratory, for those who run it."""
    found = facility_run_by(request, facility)
    chosen = InstrumentFilter(request.GET, queryset=Instrument.objects.filter(facility=found))
    shown = chosen.qs if chosen.is_valid() else Instrument.objects.none()
    return _timeline(request, shown, filters=[chosen.form["q"]], facility=found)


@dataclass(frozen=True)
class Row:
    """One instrument of the timeline, laid out."""

    lane: Lane
    bars: list[Bar]


def _timeline(
    request: HttpRequest, instruments: InstrumentQuerySet, *, filters: list[Any], facility: Facility | None = None
) -> HttpResponse:
    now = timezone.now()
    zone = ZoneInfo(facility.time_zone) if facility else PORTAL_ZONE
    day, user = _day_asked(request, zone), request.user if request.user.is_authenticated else None
    rows, free_at = services.for_a_day(instruments, day=day, now=now), _clock(request.GET.get("free", ""))
    if free_at is None:
        page = Paginator(rows, ROWS).get_page(request.GET.get("page"))
        lanes = services.day_of_many(page.object_list, day=day, seen_by=user, now=now)
    else:
        every = services.day_of_many(rows[:LOOKED_THROUGH], day=day, seen_by=user, now=now)
        page = Paginator([lane for lane in every if _is_free(lane, free_at)], ROWS).get_page(request.GET.get("page"))
        lanes = list(page.object_list)
    laid = [Row(lane, _laid_out(lane)) for lane in lanes]
    first, last = hours_of_lanes([row.bars for row in laid])
    local = now.astimezone(zone)
    context = {
        "facility": facility,
        "zone": zone,
        "filters": filters,
        "free_at": free_at,
        "page": page,
        "rows": laid,
        "kinds": KINDS,
        "first": first,
        "last": last,
        "hours": [(hour, hour * 4, hour * 4 + 4) for hour in range(first, last)],
        "quarter_now": (local.hour * 60 + local.minute) // 15 if local.date() == day else None,
        "now": now,
        **_days(day, zone),
    }
    return page_or_part(request, "bookings/timeline.html", "bookings/timeline_part.html", context)


def _laid_out(lane: Lane) -> list[Bar]:
    out_of_order = lane.instrument.status == Status.MAINTENANCE
    return bars_of(lane.day, zone=lane.terms.zone, otherwise="maintenance" if out_of_order else "over")


def _is_free(lane: Lane, at: time) -> bool:
    """Whether a booking, however short, could begin on it then."""
    start = datetime.combine(lane.day.date, at, lane.terms.zone)
    wanted = Interval(start, start + lane.terms.shortest)
    return any(gap.contains(wanted) for gap in lane.day.free)


def _day_asked(request: HttpRequest, zone: ZoneInfo) -> date:
    """The day that the address names, else today in the zone."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return timezone.localdate(timezone=zone)
    return day if EARLIEST_YEAR <= day.year <= LATEST_YEAR else timezone.localdate(timezone=zone)


def _days(day: date, zone: ZoneInfo) -> dict[str, Any]:
    """The day, its neighbours, and whether it is today."""
    today = timezone.localdate(timezone=zone)
    one = timedelta(days=1)
    return {"day": day, "before": day - one, "after": day + one, "today": today, "is_today": day == today}


def _clock(text: str) -> time | None:
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None
