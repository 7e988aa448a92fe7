"""Rosters: handed in, looked at, applied."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import services
from accounts.formats import LARGEST_FILE
from accounts.forms import RosterForm
from accounts.models import RosterImport
from accounts.views.people import governed
from common.errors import Refused, WrongInput
from common.web import READ_OR_SEND, add_errors


@login_required
@READ_OR_SEND
def roster(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Who the organisation has named, and where it hands in a new table."""
    organisation = governed(request, organisation_id)
    sent = request.method == "POST"
    form = RosterForm(request.POST, request.FILES) if sent else RosterForm()
    if sent and form.is_valid():
        try:
            content = form.cleaned_data["file"].read(LARGEST_FILE + 1)
            handed_in = services.hand_in_roster(organisation, by=request.user, content=content)
            return redirect("roster_import", organisation.pk, handed_in.pk)
        except WrongInput as error:
            add_errors(form, error)
    entries = organisation.roster.order_by("name", "pk")
    context = {"organisation": organisation, "form": form, "count": entries.count(), "entries": entries[:200]}
    return render(request, "accounts/roster.html", context, status=400 if form.errors else 200)


@login_required
@READ_OR_SEND
def roster_import(request: HttpRequest, organisation_id: UUID, import_id: UUID) -> HttpResponse:
    """What a table would do; then it is applied as a whole, or dropped."""
    organisation = governed(request, organisation_id)
    handed_in = get_object_or_404(RosterImport, pk=import_id, organisation=organisation, by=request.user)
    status, refused = 200, None
    if request.method == "POST":
        if request.POST.get("do") != "apply":
            services.drop_roster(handed_in)
            return redirect("roster", organisation.pk)
        try:
            done = services.apply_roster(handed_in, by=request.user)
        except Refused as error:
            status, refused = 409, error
        else:
            said = {"new": len(done.new), "changed": len(done.changed)}
            messages.success(request, _("The roster counts now. New: %(new)s · changed: %(changed)s") % said)
            return redirect("roster", organisation.pk)
    preview = services.look_through(handed_in, on=timezone.localdate())
    context = {"organisation": organisation, "preview": preview, "handed_in": handed_in, "refused": refused}
    return render(request, "accounts/roster_import.html", context, status=status)
