"""A laboratory in figures: how much of its hours was used, and for what; as pictures, tables and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import services
from bookings.forms.charts import WEEKS, ChartsForm
from bookings.services.utilisation import STEPS, UNBOOKED, Months, Sums, Week
from bookings.states import Purpose
from bookings.views.finding import facility_run_by
from common.tables import csv_of
from common.words import clock_of, weekday_name
from instruments.models import Instrument
from instruments.states import BookedWhere, Status

A_WEEK = [date(2024, 1, 1) + timedelta(days=n) for n in range(7)]  # a Monday and the days after it


@login_required
@require_safe
def charts(request: HttpRequest, facility: str) -> HttpResponse:
    """Utilisation by weekday and hour, hours by month and purpose; `as` asks for one of them as CSV."""
    found = facility_run_by(request, facility)
    zone, now = ZoneInfo(found.time_zone), timezone.now()
    kept = Instrument.objects.filter(facility=found).exclude(status=Status.RETIRED)
    instruments = list(kept.order_by("name_zh", "pk"))
    form = ChartsForm(request.GET, instruments=instruments, zone=zone, now=now)
    context: dict[str, Any] = {"facility": found, "form": form, "all_weeks": WEEKS}
    if not form.is_valid():
        return render(request, "bookings/lab/charts.html", context, status=400)
    chosen = _chosen(instruments, form.cleaned_data["instrument"])
    week = services.week_of_use(chosen, window=form.window, zone=zone, now=now)
    months = services.months_of_use(chosen, zone=zone, now=now)
    tables = {"week.csv": _week_table, "months.csv": _months_table}
    if (wanted := request.GET.get("as", "")) in tables:
        response = HttpResponse(csv_of(*tables[wanted](week, months)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{found.slug}-{wanted}"'
        return response
    context |= {"days": form.days, "weeks": form.weeks_chosen, "chosen": chosen, "week": week, "weekdays": A_WEEK}
    context |= {"scale": _scale(), "months": months, **_by_month(months)}
    return render(request, "bookings/lab/charts.html", context)


def _chosen(instruments: Sequence[Instrument], slug: str) -> list[Instrument]:
    """The one that was asked for, or all whose time is booked here."""
    if slug:
        return [each for each in instruments if each.slug == slug]
    return [each for each in instruments if each.booked_where == BookedWhere.HERE]


def _scale() -> list[tuple[int, str]]:
    """The steps of the heat map with what they stand for."""
    fifth = 100 // STEPS
    steps = [(step, f"{(step - 1) * fifth + 1}–{step * fifth} %") for step in range(1, STEPS + 1)]
    return [(0, "0 %"), *steps]


def _name_of(purpose: str) -> str:
    return _("without a booking") if purpose == UNBOOKED else str(Purpose(purpose).label)


def _by_month(months: Months) -> dict[str, Any]:
    """The rows of the table: month, hours for each purpose, for all of them, and of maintenance."""
    rows = [
        (
            month,
            [months.of(month, each) for each in months.purposes],
            months.used(month),
            months.of(month, Purpose.MAINTENANCE),
        )
        for month in months.months
    ]
    return {"purposes": [_name_of(each) for each in months.purposes], "rows": rows}


def _week_table(week: Week, _months: Months) -> tuple[list[str], list[dict[str, object]]]:
    headers = [
        _("Weekday"),
        _("From"),
        _("To"),
        _("Open (h)"),
        _("Used (h)"),
        _("Utilisation (%)"),
        _("Maintenance (h)"),
    ]

    def cells(day: int, hour: int, sums: Sums) -> list[object]:
        times = [weekday_name(A_WEEK[day]), clock_of(hour * 60), clock_of(hour * 60 + 60)]
        percent = "" if sums.percent is None else sums.percent
        return [*times, _two(sums.opened), _two(sums.used), percent, _two(sums.maintenance)]

    found = [cells(day, hour, week.cells[day, hour]) for day in range(7) for hour in week.hours]
    return headers, [dict(zip(headers, row, strict=True)) for row in found]


def _months_table(_week: Week, months: Months) -> tuple[list[str], list[dict[str, object]]]:
    shown = _by_month(months)
    headers = [_("Month"), *(f"{name} (h)" for name in shown["purposes"]), _("Used (h)"), _("Maintenance (h)")]
    found = [
        [f"{month:%Y-%m}", *map(_two, hours), _two(used), _two(maintenance)]
        for month, hours, used, maintenance in shown["rows"]
    ]
    return headers, [dict(zip(headers, row, strict=True)) for row in found]


def _two(hours: float) -> str:
    return f"{hours:.2f}"
