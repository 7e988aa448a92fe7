"""Settings of a laboratory: rules, hours, closures, operators."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import services
from bookings.availability import WeeklyHours
from bookings.forms import (
    OperatorForm,
)
from bookings.forms.lab import SpanForm
from bookings.models import Booking, Operator
from bookings.views.finding import facility_run_by
from common.errors import NotAllowed, WrongInput
from common.web import READ_OR_SEND, here, saved
from instruments.models import Facility, FacilityRole, Instrument

Owner = Facility | Instrument


@login_required
@require_safe
def laboratories(request: HttpRequest) -> HttpResponse:
    """The laboratories that the reader helps to run: what waits at each, and their instruments."""
    roles = request.user.facility_roles.standing(timezone.localdate()).select_related("facility__organisation")
    facilities = {role.facility.pk: role.facility for role in roles.order_by("facility__name_zh")}
    decides = {role.facility_id for role in roles if role.duty == "admin"}
    attention = services.attention_at(facilities.values(), of=request.user, now=timezone.now())
    broken = Count("faults", filter=Q(faults__mended_at=None))
    instruments = Instrument.objects.filter(facility__in=facilities, merged_into=None).annotate(open_faults=broken)
    by_facility: dict[Any, list[Instrument]] = {pk: [] for pk in facilities}
    for each in instruments.order_by("name_zh"):
        by_facility[each.facility_id].append(each)
    rows = [(each, attention[pk], by_facility[pk]) for pk, each in facilities.items()]
    return render(request, "bookings/lab/laboratories.html", {"rows": rows, "decides": decides})


def columns(owner: Owner) -> dict[str, Owner]:
    return {"instrument" if isinstance(owner, Instrument) else "facility": owner}


def frame(owner: Owner) -> dict[str, Any]:
    """What every settings page shows: whose settings these are."""
    facility = owner.facility if isinstance(owner, Instrument) else owner
    instruments = Instrument.objects.filter(facility=facility).order_by("name_zh")
    instrument = owner if isinstance(owner, Instrument) else None
    return {"facility": facility, "instrument": instrument, "instruments": instruments}


@login_required
@READ_OR_SEND
def operators(request: HttpRequest, facility: str) -> HttpResponse:
    """Who runs instruments for others: what, when, and when they are away."""
    found = facility_run_by(request, facility, set_up=True)
    zone = ZoneInfo(found.time_zone)
    people = [
        role.user for role in FacilityRole.objects.at(found).standing(timezone.localdate()).select_related("user")
    ]
    known = {each.user_id: each for each in Operator.objects.filter(facility=found).prefetch_related("hours", "leave")}
    chosen = next((each for each in people if str(each.pk) == request.GET.get("person", "")), None)
    operator = known.get(chosen.pk) if chosen else None
    form, leave_form = None, SpanForm(prefix="leave", zone=zone)
    hit: list[Booking] = []
    if chosen:
        form = _operator_form(found, operator)
    asked = request.POST.get("do", "")
    if chosen and asked == "operator":
        form = OperatorForm(request.POST, facility=found)
        given = form
        if saved(form, lambda: _set_operator(request, found, chosen, given)):
            return here(request, _("Saved."))
    if operator and asked == "leave":
        leave_form = SpanForm(request.POST, prefix="leave", zone=zone)
        if leave_form.is_valid():
            _leave, hit = services.take_leave(operator, by=request.user, interval=leave_form.cleaned_data["interval"])
            messages.success(request, _("Written down."))
            leave_form = SpanForm(prefix="leave", zone=zone)
    context = {
        "facility": found,
        "people": [(each, known.get(each.pk)) for each in {one.pk: one for one in people}.values()],
        "chosen": chosen,
        "operator": operator,
        "form": form,
        "leave_form": leave_form,
        "hit": hit,
    }
    wrong = bool((form and form.errors) or leave_form.errors)
    return render(request, "bookings/lab/operators.html", context, status=400 if wrong else 200)


def _operator_form(facility: Facility, operator: Operator | None) -> OperatorForm:
    hours = operator.hours.all() if operator else []
    week = [WeeklyHours(each.weekday, each.opens_minute, each.closes_minute) for each in hours]
    runs: Iterable[Instrument] = operator.instruments.all() if operator else ()
    return OperatorForm(facility=facility, hours=week, initial={"instruments": [each.pk for each in runs]})


def _set_operator(request: HttpRequest, facility: Facility, person: Any, form: OperatorForm) -> None:
    try:
        what = form.cleaned_data["instruments"]
        services.set_operator(facility, person, by=request.user, instruments=what, hours=form.hours())
    except NotAllowed as error:
        raise WrongInput("instruments", "not_allowed", error.detail) from error
