"""Old logbooks as tables: handed in, followed, and the wrong rows got back."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bookings import services
from bookings.views.finding import facility_run_by
from common.tables import csv_of
from common.web import READ_OR_SEND, here, saved
from records.models import Job
from records.services import progress_of


class TableForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("Table (CSV)"))


@login_required
@READ_OR_SEND
def import_use(request: HttpRequest, facility: str) -> HttpResponse:
    """Hand in a table of uses; the page lists one's imports with how far they are."""
    found = facility_run_by(request, facility)
    form = TableForm()
    if request.method == "POST":
        form = TableForm(request.POST, request.FILES)
        given = form
        if saved(form, lambda: services.ask_for_import(found, by=request.user, data=given.cleaned_data["file"].read())):
            return here(request, _("Handed in. The page shows how far it is."))
    mine = Job.objects.of(request.user).filter(kind=services.IMPORT_USE, given__facility=str(found.pk))
    jobs = [(each, progress_of(each)) for each in mine.order_by("-created_at")[:20]]
    context = {"facility": found, "form": form, "jobs": jobs}
    return render(request, "bookings/lab/import_use.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def wrong_rows(request: HttpRequest, facility: str, job_id: UUID) -> HttpResponse:
    """The rows of one's import that could not be taken, with line and reason, as a file to mend and send again."""
    facility_run_by(request, facility)
    job = get_object_or_404(Job.objects.of(request.user).filter(kind=services.IMPORT_USE), pk=job_id)
    said = (_("line"), _("reason"))
    headers = [*(name for name in job.outcome.get("headers", []) if name not in said), *said]
    rows = [
        {**each["row"], _("line"): each["line"], _("reason"): each["reason"]} for each in job.outcome.get("rows", [])
    ]
    response = HttpResponse(csv_of(headers, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="wrong-rows.csv"'
    return response
