"""At the instrument and around it: the phone page, training, faults, maintenance, use, problems."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings import pdf, services
from bookings.forms import FaultForm, MaintenanceForm, MessageForm, UsageForm
from bookings.models import Fault, UsageRecord
from bookings.permissions import may_set_up
from bookings.views.finding import facility_run_by, instrument_of, instrument_run_by
from common.interval import Interval
from common.web import READ_OR_SEND, here, printed, saved, says_why
from instruments.models import Instrument
from instruments.permissions import runs

SHOWN = 100


@login_required
@require_safe
def at_the_instrument(request: HttpRequest, slug: str) -> HttpResponse:
    """What the QR label at the instrument opens on a phone: one's own booking, check-in, a fault to report."""
    instrument, now = instrument_of(request, slug), timezone.now()
    context = {
        "instrument": instrument,
        "booking": services.here_now(instrument, request.user, now=now),
        "next": services.next_here(instrument, request.user, now=now),
        "early": services.EARLY_CHECK_IN,
        "running": UsageRecord.objects.running()
        .filter(instrument=instrument)
        .select_related("user", "booking")
        .first(),
        "staff": runs(request.user, instrument.facility),
    }
    return render(request, "bookings/here.html", context)


@login_required
@require_safe
def label(request: HttpRequest, slug: str) -> HttpResponse:
    """The QR label of an instrument, A6, to print and hang up."""
    instrument = instrument_run_by(request, slug)
    address = request.build_absolute_uri(f"/instruments/{instrument.slug}/here/")
    return printed(pdf.label(instrument, address=address), f"{instrument.slug}-label.pdf")


@login_required
@require_safe
def logbook(request: HttpRequest, slug: str) -> HttpResponse:
    """The logbook (使用记录本) of a month, on the page or (`?as=pdf`) to print."""
    instrument = instrument_run_by(request, slug)
    month = _month(request, instrument)
    records = UsageRecord.objects.filter(instrument=instrument).within(month).select_related("user", "operator")
    rows = list(records.order_by("starts_at"))
    if request.GET.get("as") == "pdf":
        content = pdf.logbook(instrument, month, rows)
        return printed(content, f"{instrument.slug}-{month.start:%Y-%m}.pdf")
    local = month.start.astimezone(ZoneInfo(instrument.facility.time_zone))
    context = {
        "instrument": instrument,
        "month": local,
        "records": rows,
        "total": sum((each.length for each in rows if each.length), timedelta(0)),
        "earlier": local - timedelta(days=1),
        "later": month.end.astimezone(local.tzinfo),
    }
    return render(request, "bookings/lab/logbook.html", context)


def _month(request: HttpRequest, instrument: Instrument) -> Interval:
    zone = ZoneInfo(instrument.facility.time_zone)
    try:
        first = date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        first = timezone.localdate(timezone=zone).replace(day=1)
    first = min(max(first, date(2000, 1, 1)), date(2099, 12, 1))
    following = (first + timedelta(days=32)).replace(day=1)
    return Interval(datetime.combine(first, time(), zone), datetime.combine(following, time(), zone))


@login_required
@READ_OR_SEND
def faults(request: HttpRequest, slug: str) -> HttpResponse:
    """Faults of an instrument: reporting one, and for its laboratory closing and mending."""
    instrument = instrument_of(request, slug)
    form = FaultForm(request.POST if "severity" in request.POST else None)
    if request.method == "POST" and saved(form, lambda: _report(request, instrument, form)):
        return here(request, _("Reported. The laboratory was told."))
    staff = runs(request.user, instrument.facility)
    shown = Fault.objects.visible_to(request.user).filter(instrument=instrument).select_related("reported_by")
    context = {"instrument": instrument, "form": form, "staff": staff, "faults": shown.order_by("-reported_at")[:SHOWN]}
    return render(request, "bookings/faults.html", context, status=400 if form.errors else 200)


def _report(request: HttpRequest, instrument: Instrument, form: FaultForm) -> Fault:
    given = form.cleaned_data
    return services.report_fault(instrument, by=request.user, severity=given["severity"], text=given["text"])


@login_required
@require_POST
@says_why("laboratories")
def close_or_mend(request: HttpRequest, fault_id: UUID) -> HttpResponse:
    """The laboratory closes the instrument for a fault, or writes down what was done."""
    visible = Fault.objects.visible_to(request.user).select_related("instrument__facility")
    fault = get_object_or_404(visible, pk=fault_id)
    if "remedy" in request.POST:
        services.mend(fault, by=request.user, remedy=request.POST["remedy"])
        messages.success(request, _("Mended."))
    else:
        services.close_for(fault, by=request.user)
        messages.success(request, _("Closed. Everybody who has a booking was told."))
    return redirect("faults", fault.instrument.slug)


@login_required
@READ_OR_SEND
def maintenance(request: HttpRequest, slug: str) -> HttpResponse:
    """Planned maintenance, and a message to everybody booked at some time."""
    instrument = instrument_run_by(request, slug)
    zone = ZoneInfo(instrument.facility.time_zone)
    form, message = MaintenanceForm(prefix="m", zone=zone), MessageForm(prefix="t", zone=zone)
    asked = request.POST.get("do", "")
    if asked == "maintenance":
        form = MaintenanceForm(request.POST, prefix="m", zone=zone)
        if saved(form, lambda: _plan(request, instrument, form)):
            return here(request, _("Planned."))
    elif asked == "message":
        message = MessageForm(request.POST, prefix="t", zone=zone)
        if saved(message, lambda: _write(request, instrument, message)):
            return here(request, _("Sent."))
    span = form.cleaned_data.get("interval") if form.is_bound and form.errors else None
    in_the_way = services.hit_by(instrument, span) if span else []
    planned = instrument.bookings.filter(purpose="maintenance", ends_at__gt=timezone.now(), state="confirmed")
    context = {"instrument": instrument, "form": form, "message": message, "hits": in_the_way}
    context |= {"planned": planned.order_by("starts_at"), "decides": may_set_up(request.user, instrument.facility)}
    wrong = form.errors or message.errors
    return render(request, "bookings/lab/maintenance.html", context, status=400 if wrong else 200)


def _write(request: HttpRequest, instrument: Instrument, form: MessageForm) -> None:
    given = form.cleaned_data
    services.write_to_booked(instrument, by=request.user, interval=given["interval"], text=given["text"])


def _plan(request: HttpRequest, instrument: Instrument, form: MaintenanceForm) -> None:
    given = form.cleaned_data
    services.plan_maintenance(instrument, by=request.user, interval=given["interval"], title=given["title"])


@login_required
@READ_OR_SEND
def use(request: HttpRequest, slug: str) -> HttpResponse:
    """Use without a booking: entered by hand, or somebody who walks in now."""
    instrument = instrument_run_by(request, slug)
    zone = ZoneInfo(instrument.facility.time_zone)
    groups = services.groups_at(instrument)
    form = UsageForm(zone=zone, groups=groups)
    if request.method == "POST":
        form = UsageForm(request.POST, zone=zone, groups=groups)
        if saved(form, lambda: _record(request, instrument, form)):
            return here(request, _("Written down."))
    latest = instrument.usage.select_related("user").order_by("-starts_at")[:20]
    context = {"instrument": instrument, "form": form, "latest": latest}
    return render(request, "bookings/lab/use.html", context, status=400 if form.errors else 200)


def _record(request: HttpRequest, instrument: Instrument, form: UsageForm) -> None:
    given = form.cleaned_data
    named = ("user_name", "samples", "note", "reason")
    words = {name: given[name] for name in named}
    group = given["group"].pk if given["group"] else None
    services.record_use(instrument, by=request.user, interval=given["interval"], group=group, **words)


@login_required
@require_POST
@says_why("laboratories")
def walk_in(request: HttpRequest, slug: str) -> HttpResponse:
    """Somebody without a booking begins now, or ends."""
    instrument = instrument_run_by(request, slug)
    running = UsageRecord.objects.running().filter(instrument=instrument, booking=None).first()
    if running:
        services.end_walk_in(running, by=request.user)
        messages.success(request, _("Ended."))
    else:
        services.walk_in(instrument, by=request.user, user_name=request.POST.get("user_name", ""))
        messages.success(request, _("Begun."))
    return redirect("at_the_instrument", slug)


@login_required
@require_safe
def problems(request: HttpRequest, facility: str) -> HttpResponse:
    """What a laboratory should look at."""
    found = facility_run_by(request, facility)
    shown = services.problems_at(found, now=timezone.now())
    return render(request, "bookings/lab/problems.html", {"facility": found, "problems": shown})


@login_required
@require_POST
@says_why("laboratories")
def settle(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """A complaint was dealt with."""
    visible = UsageRecord.objects.visible_to(request.user)
    record = services.settle(get_object_or_404(visible, pk=record_id), by=request.user)
    messages.success(request, _("Settled."))
    return redirect("problems", record.instrument.facility.slug)
