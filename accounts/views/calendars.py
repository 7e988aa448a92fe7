"""Which days are worked: an institution's own calendar, and the public holidays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import services
from accounts.formats import LARGEST_FILE
from accounts.forms import CalendarForm, HolidayForm
from accounts.models import HolidayYear, Organisation
from accounts.permissions import is_officer
from accounts.views.people import governed
from common.errors import WrongInput
from common.web import READ_OR_SEND, add_errors, says_why


def _calendar_page(request: HttpRequest, organisation: Organisation, status: int = 200, **shown: Any) -> HttpResponse:
    today = timezone.localdate()
    years = {today.year, today.year + 1}
    context = {
        "organisation": organisation,
        "days": organisation.calendar_days.coming(today),
        "not_announced": sorted(years - {*HolidayYear.objects.filter(year__in=years).values_list("year", flat=True)}),
        "form": CalendarForm(),
    }
    return render(request, "accounts/calendar.html", {**context, **shown}, status=status)


@login_required
@require_safe
def organisation_calendar(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    return _calendar_page(request, governed(request, organisation_id))


@login_required
@require_POST
def import_calendar(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    organisation, form = governed(request, organisation_id), CalendarForm(request.POST, request.FILES)
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            content = file.read(LARGEST_FILE + 1)
            outcome = services.import_calendar(organisation, by=request.user, name=file.name, content=content)
            return _calendar_page(request, organisation, outcome=outcome)
        except WrongInput as error:
            add_errors(form, error)
    return _calendar_page(request, organisation, 400, form=form)


@login_required
@require_POST
@says_why("account")
def remove_calendar_day(request: HttpRequest, organisation_id: UUID, day_id: UUID) -> HttpResponse:
    organisation = governed(request, organisation_id)
    services.remove_calendar_day(get_object_or_404(organisation.calendar_days, pk=day_id), by=request.user)
    return redirect("organisation_calendar", organisation.pk)


@login_required
@READ_OR_SEND
def holidays(request: HttpRequest) -> HttpResponse:
    """The public holidays by year; a city officer enters a year once it is announced."""
    if not is_officer(request.user):
        raise Http404
    sent = request.method == "POST"
    form = HolidayForm(request.POST, request.FILES) if sent else HolidayForm()
    if sent and form.is_valid():
        file, source = form.cleaned_data["file"], form.cleaned_data["source"]
        try:
            content = file.read(LARGEST_FILE + 1)
            announced = services.announce_from_file(file.name, content, by=request.user, source=source)
            messages.success(request, _("%(year)s is announced.") % {"year": announced.year})
            return redirect("holidays")
        except WrongInput as error:
            add_errors(form, error)
    years = HolidayYear.objects.select_related("announced_by").order_by("-year")
    shown = {"years": years, "form": form, "next_year": timezone.localdate().year + 1}
    return render(request, "accounts/holidays.html", shown, status=400 if form.errors else 200)
