"""Training: asking for it, one's own, and writing it down for a facility, an institution or the city."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.permissions import is_officer
from bookings import services
from bookings.forms import NeedForm, TrainingForm
from bookings.models import Training, TrainingRequest
from bookings.views.finding import facility_run_by, instrument_of
from common.errors import WrongInput
from common.tables import csv_of
from common.text import tidy
from common.web import READ_OR_SEND, here, saved, says_why
from instruments.models import Facility, Instrument

SHOWN = 100


@login_required
@require_POST
@says_why("my_trainings")
def ask_for_training(request: HttpRequest, slug: str) -> HttpResponse:
    services.ask_for_training(instrument_of(request, slug), by=request.user, note=request.POST.get("note", ""))
    messages.success(request, _("Asked. The laboratory will answer by mail."))
    return redirect("instrument", slug)


@login_required
@require_safe
def my_trainings(request: HttpRequest) -> HttpResponse:
    """What the reader was trained in, until when, and what they asked for."""
    trainings = request.user.trainings.select_related("instrument", "facility", "organisation").order_by("-granted_at")
    asked = request.user.training_requests.select_related("instrument").order_by("-created_at")
    context = {
        "trainings": trainings,
        "asked": asked,
        "now": timezone.now(),
        "organisations": Organisation.objects.administered_by(request.user),
        "officer": is_officer(request.user),
    }
    return render(request, "bookings/trainings.html", context)


@login_required
@READ_OR_SEND
def facility_training(request: HttpRequest, facility: str) -> HttpResponse:
    """Who is trained at a facility, who asks to be, what everybody needs first."""
    return _training(request, facility_run_by(request, facility))


@login_required
@READ_OR_SEND
def organisation_training(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The same for a whole institution: its safety admission, for instance."""
    return _training(request, get_object_or_404(Organisation, pk=organisation_id))


@login_required
@READ_OR_SEND
def city_training(request: HttpRequest) -> HttpResponse:
    """The same for the whole city."""
    return _training(request, None)


def _training(request: HttpRequest, place: services.Place) -> HttpResponse:
    if not services.may_train(request.user, place):
        raise PermissionDenied(_("Only operators and admins of that place write down trainings."))
    form, need_form = TrainingForm(place=place), _need_form(place)
    asked = request.POST.get("do", "")
    if asked in {"decline", "end"}:
        return _taken_back(request, place) if asked == "end" else _declined(request)
    if asked == "grant":
        form = TrainingForm(request.POST, place=place)
        if saved(form, lambda: _grant(request, place, form)):
            return here(request, _("Written down."))
    elif asked == "need":
        need_form = NeedForm(request.POST, prefix="need")
        if saved(need_form, lambda: _set_need(request, place, need_form)):
            return here(request, _("Saved."))
    if request.GET.get("as") == "csv":
        return _table(Training.objects.at(place).select_related("user", "instrument", "granted_by"), place)
    facility = place if isinstance(place, Facility) else None
    context = {
        "facility": facility,
        "place": place,
        "form": form,
        "need_form": None if isinstance(place, Instrument) else need_form,
        "waiting": TrainingRequest.objects.waiting_at(facility).select_related("user", "instrument")
        if facility
        else [],
        **_trained(request, place),
    }
    wrong = form.errors or need_form.errors
    return render(request, "bookings/lab/training.html", context, status=400 if wrong else 200)


def _trained(request: HttpRequest, place: services.Place) -> dict[str, Any]:
    """Who is trained there: all, those that lapse soon (`?show=soon`) or have lapsed, by name (`?q=`)."""
    now, trainings = timezone.now(), Training.objects.at(place).select_related("user", "instrument")
    soon = now + services.LAPSES_SOON
    lists = {
        "": trainings,
        "soon": trainings.live(now).filter(expires_at__lte=soon),
        "lapsed": trainings.filter(expires_at__lte=now),
    }
    show, sought = request.GET.get("show", ""), tidy(request.GET.get("q", "")[:100])
    show = show if show in lists else ""
    fits = Q(user__name__icontains=sought) | Q(user__email__icontains=sought) if sought else Q()
    return {
        "trainings": lists[show].filter(fits)[:SHOWN],
        "counts": {"total": trainings.count(), "soon": lists["soon"].count(), "lapsed": lists["lapsed"].count()},
        "show": show,
        "sought": sought,
        "soon": soon,
        "now": now,
    }


def _table(trainings: QuerySet[Training], place: services.Place) -> HttpResponse:
    """Everybody who is trained there, as a table."""
    headers = [_("Name"), _("E-mail"), _("On"), _("Level"), _("Since"), _("Valid until"), _("Written down by")]
    whole, zone = str(getattr(place, "name", _("the whole city"))), getattr(place, "time_zone", settings.TIME_ZONE)
    rows = [
        dict(zip(headers, _line(each, whole=whole, zone=ZoneInfo(zone)), strict=True)) for each in trainings.iterator()
    ]
    response = HttpResponse(csv_of(headers, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="trainings.csv"'
    return response


def _line(each: Training, *, whole: str, zone: ZoneInfo) -> list[object]:
    days = [f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "" for at in (each.granted_at, each.expires_at)]
    by = each.granted_by.name if each.granted_by else ""
    on = each.instrument.name if each.instrument else whole
    return [each.user.name, each.user.email, on, each.get_level_display(), *days, by]


def as_uuid(text: str) -> UUID:
    """The id in a form; 404 for anything that is none."""
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def _need_form(place: services.Place) -> NeedForm:
    need = services.training_need_of(place)
    first = {name: getattr(need, name) for name in ("name_zh", "name_en", "level", "valid_days")} if need else None
    return NeedForm(prefix="need", initial=first)


def _set_need(request: HttpRequest, place: services.Place, form: NeedForm) -> None:
    given = form.cleaned_data
    if given["name_zh"]:
        services.set_training_need(place, by=request.user, **given)
    else:
        services.drop_training_need(place, by=request.user)


def _grant(request: HttpRequest, place: services.Place, form: TrainingForm) -> None:
    given = form.cleaned_data
    person = services.person_at(given["email"])
    if person is None:
        raise WrongInput("email", "unknown", _("Nobody here has this address."))
    zone = ZoneInfo(getattr(place, "time_zone", settings.TIME_ZONE))
    until = datetime.combine(given["until"] + timedelta(days=1), time(), zone) if given["until"] else None
    on = given.get("instrument") or place
    services.grant_training(person, on=on, by=request.user, level=given["level"], until=until)


@says_why("my_trainings")
def _declined(request: HttpRequest) -> HttpResponse:
    wish = get_object_or_404(TrainingRequest, pk=as_uuid(request.POST.get("request", "")))
    services.decline_training(wish, by=request.user, reason=request.POST.get("reason", ""))
    return here(request, _("Declined."))


def _taken_back(request: HttpRequest, place: services.Place) -> HttpResponse:
    held = get_object_or_404(Training.objects.at(place), pk=_whole(request.POST.get("training", "")))
    services.end_training(held, by=request.user)
    return here(request, _("Taken back."))
