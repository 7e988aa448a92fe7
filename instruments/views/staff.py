"""Page: who runs a facility."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import person_at
from common.errors import NotAllowed, WrongInput
from common.web import READ_OR_SEND, here, saved, says_why
from instruments import services
from instruments.forms.staff import LastDayForm, RoleForm
from instruments.models import Facility, FacilityRole
from instruments.permissions import may_staff

SHOWN = 20


@login_required
@READ_OR_SEND
@says_why("laboratories")
def facility_people(request: HttpRequest, facility: str) -> HttpResponse:
    """Who is lab admin and who is operator, until when: let somebody be it, set a last day, end it."""
    found = get_object_or_404(Facility.objects.select_related("organisation"), slug=facility)
    if not may_staff(request.user, found):
        raise NotAllowed(_("Only the laboratory's and its institution's admins say who runs it."))
    asked, form = request.POST.get("do", ""), RoleForm()
    if asked == "entrust":
        form = given = RoleForm(request.POST)
        if saved(given, lambda: _entrust(request, found, given)):
            return here(request, _("Done. The person was told."))
    elif asked in {"date", "end"}:
        return _changed(request, found, asked)
    context = {
        "facility": found,
        "staff": services.staff_of(found),
        "former": FacilityRole.objects.at(found).over(timezone.localdate()).select_related("user")[:SHOWN],
        "form": form,
    }
    return render(request, "instruments/people.html", context, status=400 if form.errors else 200)


def _entrust(request: HttpRequest, facility: Facility, form: RoleForm) -> None:
    given = form.cleaned_data
    person = person_at(given["email"])
    if person is None:
        raise WrongInput("email", "unknown", _("Nobody here has this address."))
    services.entrust(facility, to=person, duty=given["duty"], until=given["until"], by=request.user)


def _changed(request: HttpRequest, facility: Facility, asked: str) -> HttpResponse:
    """A last day is set, or a role ends now."""
    pk = request.POST.get("role", "")
    roles = FacilityRole.objects.at(facility).select_related("user", "facility")
    role = get_object_or_404(roles, pk=pk if pk.isascii() and pk.isdecimal() and len(pk) < 18 else 0)
    if asked == "end":
        services.end_role(role, by=request.user)
        return here(request, _("The role of %(name)s has ended.") % {"name": role.user.name})
    form = LastDayForm(request.POST)
    if not form.is_valid():
        raise WrongInput("until", "invalid", " ".join(form.errors["until"]))
    services.set_last_day(role, until=form.cleaned_data["until"], by=request.user)
    return here(request, _("Saved."))
