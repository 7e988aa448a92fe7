"""The days of a session: a mentor's own, the roll call, checking children in by their codes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import Refused
from common.web import READ_OR_SEND, says_why
from outreach import services
from outreach.models import Enrolment, MentorAssignment
from outreach.permissions import is_at_hand, may_run
from outreach.rules import age_on
from outreach.states import EnrolmentState
from outreach.views.finding import session_run_by


@login_required
@require_safe
def my_days(request: HttpRequest) -> HttpResponse:
    """The sessions that the reader guides, those of today first."""
    mine = MentorAssignment.objects.of(request.user).select_related(
        "session__programme__organisation", "session__programme__facility", "mentor"
    )
    now = timezone.now()
    context = {
        "coming": mine.filter(ends_at__gt=now).order_by("starts_at"),
        "past": mine.filter(ends_at__lte=now).order_by("-starts_at")[:20],
        "now": now,
    }
    return render(request, "outreach/days.html", context)


@login_required
@require_safe
def roll_call(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """The sheet with the children, to print; names, contacts and health only around the session's own days."""
    session = session_run_by(request, session_id)
    at_hand = is_at_hand(session)
    enrolments = session.enrolments.for_roll_call().select_related("child").prefetch_related("check_ins")
    rows = [_line(each, session.first_day, at_hand=at_hand) for each in enrolments.order_by("place_in_line")]
    if at_hand:
        services.looked_at(
            [each["enrolment"].child for each in rows], by=request.user, session=session, with_health=True
        )
    context = {"session": session, "programme": session.programme, "rows": rows, "at_hand": at_hand}
    return render(request, "outreach/roll_call.html", context)


def _line(enrolment: Enrolment, first_day: Any, *, at_hand: bool) -> dict[str, Any]:
    child = enrolment.child
    line = {"enrolment": enrolment, "name": child.initials, "days": [each.day for each in enrolment.check_ins.all()]}
    if not at_hand or child.erased_at:
        return line
    try:
        words, health = services.words_of(child), services.health_of(child)
    except Refused as error:
        return {**line, "lost": error.refusals[0].detail}
    known = {"name": words.name, "contacts": words.contacts, "health": health, "grade": words.grade}
    return {**line, **known, "age": age_on(first_day, words.born)}


@login_required
@READ_OR_SEND
@says_why("mentor_days")
def check_in(request: HttpRequest, code: str) -> HttpResponse:
    """What a mentor's phone shows behind a child's code: who it is, and one button."""
    known = Enrolment.objects.with_everything()
    enrolment = get_object_or_404(known, code=code)
    session = enrolment.session
    if not may_run(request.user, session):
        raise Http404
    if request.method == "POST":
        services.check_in(enrolment, by=request.user)
        messages.success(request, _("Checked in."))
        return redirect("child_check_in", code)
    today = timezone.localdate()
    if is_at_hand(session):
        services.looked_at([enrolment.child], by=request.user, session=session)
    context = {
        "enrolment": enrolment,
        "session": session,
        "programme": session.programme,
        "name": services.name_of(enrolment.child) if is_at_hand(session) else enrolment.child.initials,
        "is_today": today in session.days,
        "is_here": enrolment.check_ins.filter(day=today).exists(),
        "is_enrolled": enrolment.state in {EnrolmentState.PAID, EnrolmentState.ATTENDED, EnrolmentState.NO_SHOW},
    }
    return render(request, "outreach/check_in.html", context)
