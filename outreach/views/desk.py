"""The coordinators' desk: programmes, sessions with what is missing, enrolments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import NotAllowed, Refused, WrongInput
from common.web import READ_OR_SEND, taken
from instruments.models import Instrument
from instruments.states import BookedWhere, Kind, Status
from outreach import services
from outreach.forms import (
    ConsentTextForm,
    ItineraryForm,
    MentorForm,
    NeedForm,
    PlacesForm,
    ProgrammeForm,
    SafetyForm,
    SessionForm,
)
from outreach.forms.desk import COLUMNS, refund_lines
from outreach.models import Mentor, Programme, Session
from outreach.permissions import may_coordinate, places_coordinated_by
from outreach.rules import objections_of_safety, objections_to_publication, room_for
from outreach.states import EnrolmentState, SessionState
from outreach.views.finding import own_programme, session_run_by


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What needs the coordinator, the coming sessions, the programmes."""
    places = places_coordinated_by(request.user)
    if not places:
        raise NotAllowed(_("Only the coordinators of an organisation have this desk."))
    now = timezone.now()
    sessions = Session.objects.coordinated_by(request.user).select_related("programme")
    coming = list(sessions.filter(ends_at__gt=now).exclude(state=SessionState.CANCELLED).order_by("starts_at")[:50])
    rows = [(each, _missing(each, now)) for each in coming]
    context = {
        "rows": rows,
        "past": sessions.filter(ends_at__lte=now).order_by("-starts_at")[:20],
        "programmes": Programme.objects.coordinated_by(request.user).order_by("-created_at"),
        "places": places,
    }
    return render(request, "outreach/desk.html", context)


def _missing(session: Session, now: Any) -> list[Any]:
    facts = services.session_facts(session, now=now)
    asked = objections_to_publication if session.state == SessionState.DRAFT else objections_of_safety
    return asked(facts) if session.ends_at > now else []


@login_required
@READ_OR_SEND
def new_programme(request: HttpRequest) -> HttpResponse:
    places = places_coordinated_by(request.user)
    if not places:
        raise NotAllowed(_("Only the coordinators of an organisation have this desk."))
    form = ProgrammeForm(request.POST or None)
    if request.method == "POST":
        made = taken(form, lambda: services.write_programme(places[0], by=request.user, **form.cleaned_data))
        if made:
            messages.success(request, _("Saved. Now the itinerary, the text for guardians, and the first session."))
            return redirect("edit_programme", made.slug)
    return render(request, "outreach/edit_programme.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@READ_OR_SEND
def edit_programme(request: HttpRequest, programme: str) -> HttpResponse:
    """A programme, its itinerary, the text that guardians consent to, and its sessions."""
    shown = own_programme(request, programme)
    forms = _programme_forms(shown)
    do = request.POST.get("do", "save")
    if request.method == "POST":
        if do not in forms:
            raise Http404
        form = forms[do] = type(forms[do])(request.POST)
        done = taken(form, lambda: _write(request, shown, do, form.cleaned_data))
        if done is not None:
            messages.success(request, _("Saved."))
            if isinstance(done, Session):
                return redirect(done)
            return redirect("edit_programme", done.slug if isinstance(done, Programme) else shown.slug)
    context = {
        "programme": shown,
        "form": forms["save"],
        "itinerary_form": forms["itinerary"],
        "text_form": forms["text"],
        "session_form": forms["session"],
        "text": services.current_text(shown),
        "sessions": shown.sessions.order_by("-starts_at"),
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "outreach/edit_programme.html", context, status=400 if wrong else 200)


def _programme_forms(shown: Programme) -> dict[str, Any]:
    first = {name: getattr(shown, name) for name in COLUMNS} | {"refund_table": refund_lines(shown.refund_table)}
    text = services.current_text(shown)
    words = {"text_zh": text.text_zh, "text_en": text.text_en} if text else {}
    return {
        "save": ProgrammeForm(initial=first),
        "itinerary": ItineraryForm(initial={"lines": _itinerary_lines(shown)}),
        "text": ConsentTextForm(initial=words),
        "session": SessionForm(),
    }


def _itinerary_lines(shown: Programme) -> str:
    def clock(minute: int) -> str:
        return f"{minute // 60:02}:{minute % 60:02}"

    return "\n".join(
        f"{each.day} {clock(each.starts_minute)}-{clock(each.ends_minute)} "
        + " | ".join((each.title_zh, each.title_en, each.place_zh, each.place_en)).rstrip(" |")
        for each in shown.itinerary.all()
    )


def _write(request: HttpRequest, shown: Programme, do: str, given: dict[str, Any]) -> Any:
    by = request.user
    if do == "itinerary":
        return services.set_itinerary(shown, given["lines"], by=by)
    if do == "text":
        return services.publish_consent_text(shown, by=by, **given)
    if do == "session":
        return services.plan_session(shown, by=by, interval=given["interval"], places=given["places"])
    return services.write_programme(shown.organisation, by=by, programme=shown, **given)


@login_required
@READ_OR_SEND
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """One session: what is missing, its instruments, mentors and safety officers, who is enrolled."""
    shown = session_run_by(request, session_id)
    if not may_coordinate(request.user, shown.programme.organisation):
        if request.method == "POST":
            raise NotAllowed(_("Only the coordinators of the organisation may do this."))
        return redirect("roll_call", shown.pk)
    forms = _session_forms(shown)
    if request.method == "POST":
        do = request.POST.get("do", "")
        if do in forms:
            form = forms[do] = _bound(forms[do], request, shown)
            if taken(form, lambda: (_fill(request, shown, do, form.cleaned_data),)):
                messages.success(request, _("Saved."))
                return redirect(shown)
        else:
            return _pressed(request, shown, do)
    return _session_page(request, shown, forms)


def _session_forms(shown: Session) -> dict[str, Any]:
    start, end = (timezone.localtime(each) for each in (shown.starts_at, shown.ends_at))
    if len(shown.days) > 1 and end.time() > start.time():  # laboratories are closed at night: a day at a time
        end = datetime.combine(start.date(), end.time(), start.tzinfo)
    days = [each for each in shown.days if each not in {duty.day for duty in shown.safety_duties.all()}] or shown.days
    return {
        "need": NeedForm(choices=_choices(shown), initial={"starts_at": start, "ends_at": end}, prefix="need"),
        "mentor": MentorForm(prefix="mentor"),
        "safety": SafetyForm(days=days, prefix="safety"),
        "places": PlacesForm(initial={"places": shown.places}, prefix="places"),
    }


def _bound(form: Any, request: HttpRequest, shown: Session) -> Any:
    more: dict[str, Any] = {}
    if isinstance(form, NeedForm):
        more = {"choices": _choices(shown)}
    if isinstance(form, SafetyForm):
        more = {"days": shown.days}
    return type(form)(request.POST, prefix=form.prefix, **more)


def _choices(shown: Session) -> list[tuple[str, str]]:
    """Instruments fit for young people and rooms of the organisation whose time is booked here."""
    open_here = Instrument.objects.filter(
        organisation=shown.programme.organisation, booked_where=BookedWhere.HERE
    ).exclude(status=Status.RETIRED)
    fit = open_here.filter(fit_for_youth=True) | open_here.filter(kind=Kind.ROOM)
    return [(each.slug, each.told_apart) for each in fit.by_name()]


def _fill(request: HttpRequest, shown: Session, do: str, given: dict[str, Any]) -> Any:
    by = request.user
    if do == "need":
        return services.claim_time(shown, by=by, slug=given["slug"], interval=given["interval"])
    if do == "mentor":
        return services.assign_by_mail(shown, by=by, **given)
    if do == "safety":
        return services.name_safety_officer(shown, by=by, **given)
    return services.set_places(shown, by=by, places=given["places"])


def _pressed(request: HttpRequest, shown: Session, do: str) -> HttpResponse:
    """A single button; a refusal becomes a message."""
    by = request.user

    def drop_need() -> Any:
        return services.drop_need(get_object_or_404(shown.needs, pk=request.POST.get("need")), by=by)

    def unassign() -> Any:
        return services.unassign(get_object_or_404(shown.assignments, pk=request.POST.get("assignment")), by=by)

    buttons: dict[str, Callable[[], Any]] = {
        "publish": lambda: services.publish(shown, by=by),
        "cancel": lambda: services.cancel_session(shown, by=by, reason=request.POST.get("reason", "")),
        "drop_need": drop_need,
        "unassign": unassign,
    }
    if do not in buttons:
        raise Http404
    try:
        buttons[do]()
        messages.success(request, _("Done."))
    except Refused as error:
        for refusal in error.refusals:
            messages.error(request, str(refusal.detail))
    except WrongInput as error:
        messages.error(request, str(error.detail))
    except (ValueError, ValidationError) as error:  # an id that is none
        raise Http404 from error
    return redirect(shown)


def _session_page(request: HttpRequest, shown: Session, forms: dict[str, Any]) -> HttpResponse:
    now = timezone.now()
    enrolments = shown.enrolments.with_everything().order_by("place_in_line")
    counts = Counter(enrolments.values_list("state", flat=True).order_by())
    context = {
        "session": shown,
        "programme": shown.programme,
        "missing": _missing(shown, now) if shown.state in {SessionState.DRAFT, SessionState.PUBLISHED} else [],
        "forms": forms,
        "mentors": Mentor.objects.filter(organisation=shown.programme.organisation).select_related("user"),
        "room": room_for(services.session_facts(shown, now=now)),
        "enrolments": enrolments[:300],
        "counts": [(label, counts[state]) for state, label in EnrolmentState.choices if counts.get(state)],
        "can_change": shown.state in {SessionState.DRAFT, SessionState.PUBLISHED} and shown.ends_at > now,
    }
    wrong = any(form.errors for form in forms.values())
    return render(request, "outreach/session.html", context, status=400 if wrong else 200)
