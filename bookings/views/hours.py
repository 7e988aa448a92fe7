"""When a laboratory is open: every week, on days that differ, and closures, each with what it hits."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import services
from bookings.availability import WeeklyHours
from bookings.forms import CategoryForm, ClosureForm, ExceptionForm, HoursForm
from bookings.models import Closure, HoursException, OpeningHours
from bookings.views.finding import owner_run_by
from bookings.views.lab import Owner, columns, frame
from bookings.views.rules import category_of
from common.web import READ_OR_SEND, here, saved
from common.words import weekday_name


@login_required
@READ_OR_SEND
def hours(request: HttpRequest, facility: str, slug: str = "") -> HttpResponse:
    """Weekly hours, days that differ, closures (with what they hit)."""
    owner, category = owner_run_by(request, facility, slug), category_of(request)
    zone = ZoneInfo(frame(owner)["facility"].time_zone)
    forms: dict[str, Any] = {
        "hours": HoursForm(hours=services.hours_at(owner, category)),
        "exception": ExceptionForm(prefix="exception"),
        "closure": ClosureForm(prefix="closure", zone=zone),
    }
    hits: list[Any] = []
    differs: list[Any] = []
    asked = request.POST.get("do", "")
    if said := _taken_back(request, owner, asked):
        return here(request, said)
    if asked == "hours":
        forms["hours"] = HoursForm(request.POST)
    weekly = _hit_by(request, owner, week := _week_in(forms["hours"], asked))
    if week is not None and (not weekly or request.POST.get("sure")):
        services.set_hours(owner, week, category=category, by=request.user)
        return here(request, _said_of_week(asked, told=bool(weekly)))
    if asked == "exception":
        form = forms["exception"] = ExceptionForm(request.POST, prefix="exception")
        differs = services.hit_by_day(owner, **_day_in(form)) if form.is_valid() else []
        sure = not differs or request.POST.get("sure")
        if sure and saved(form, lambda: services.set_exception(owner, by=request.user, **form.cleaned_data)):
            return here(request, _("Saved. Everybody whose booking it hits was told.") if differs else _("Saved."))
    if asked == "closure":
        form = forms["closure"] = ClosureForm(request.POST, prefix="closure", zone=zone)
        hits = services.hit_by(owner, form.cleaned_data["interval"]) if form.is_valid() else []
        sure = not hits or request.POST.get("sure")
        if sure and saved(form, lambda: _close(request, owner, form)):
            return here(request, _("Closed. Everybody whose booking it hits was told."))
    context = {
        **frame(owner),
        "forms": forms,
        "weekly": weekly,
        "hits": hits,
        "differs": differs,
        "exceptions": HoursException.objects.filter(**columns(owner), day__gte=timezone.localdate()),
        "closures": Closure.objects.filter(**columns(owner), ends_at__gt=timezone.now()),
        "zone": zone.key,
        "category": category,
        "category_form": CategoryForm(),
        "has_own": OpeningHours.objects.filter(**columns(owner), category=category).exists(),
        "weekdays": [weekday_name(date(2024, 1, 1 + each)) for each in range(7)],
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "bookings/lab/hours.html", context, status=400 if wrong else 200)


def _taken_back(request: HttpRequest, owner: Owner, asked: str) -> str:
    """Take an exception or a closure back; what to say about it, or nothing when that was not asked."""
    if asked == "drop exception":
        pk = request.POST.get("exception", "")
        row = get_object_or_404(HoursException, pk=pk if pk.isdecimal() else 0, **columns(owner))
        services.drop_exception(owner, row.day, by=request.user)
        return _("The day is like its week again.")
    if asked == "reopen":
        closures = Closure.objects.filter(**columns(owner))
        chosen = next((each for each in closures if str(each.pk) == request.POST.get("closure")), None)
        if chosen is None:
            raise Http404
        services.reopen(chosen, by=request.user)
        return _("Open again.")
    return ""


def _week_in(form: HoursForm, asked: str) -> list[WeeklyHours] | None:
    """The weekly hours that are to count, none to inherit them; None when this is not asked, or they are no week."""
    if asked == "inherit hours":
        return []
    return form.hours() if asked == "hours" and form.is_valid() else None


def _hit_by(request: HttpRequest, owner: Owner, week: list[WeeklyHours] | None) -> list[Any]:
    if week is None:
        return []
    return list(services.hit_by_week(owner, week, category=category_of(request), now=timezone.now()))


def _said_of_week(asked: str, *, told: bool) -> str:
    if told:
        return _("Saved. Everybody whose booking it hits was told.")
    return _("The hours are inherited again.") if asked == "inherit hours" else _("Saved.")


def _day_in(form: ExceptionForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("day", "stretches")}


def _close(request: HttpRequest, owner: Owner, form: ClosureForm) -> Closure:
    given = form.cleaned_data
    reasons = {"reason_zh": given["reason_zh"], "reason_en": given["reason_en"]}
    return services.close(owner, by=request.user, interval=given["interval"], **reasons)
