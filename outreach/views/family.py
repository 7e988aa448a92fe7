"""A guardian's children and their places."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.errors import Refused
from common.web import READ_OR_SEND, going_to, taken
from outreach import services
from outreach.forms import ChildForm, HealthForm
from outreach.models import Child, Enrolment
from outreach.states import IS_COMING, IS_CONFIRMED, WAITS
from outreach.views.finding import child_of


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """What waits for the guardian, where the children are going, what is past; and the children themselves."""
    enrolments = list(Enrolment.objects.of(request.user).with_everything().order_by("starts_at", "created_at"))
    known = [(child, services.name_of(child)) for child in Child.objects.of(request.user)]
    names = {child.pk: name for child, name in known}
    rows = [(each, names.get(each.child_id, "")) for each in enrolments]
    context = {
        "children": known,
        "waiting": [row for row in rows if row[0].state in WAITS],
        "coming": [row for row in rows if row[0].state in IS_COMING - WAITS],
        "past": [row for row in reversed(rows) if row[0].state not in IS_COMING],
    }
    return render(request, "outreach/mine.html", context)


@login_required
@READ_OR_SEND
def new_child(request: HttpRequest) -> HttpResponse:
    """Enter a child; then go on with what one came for."""
    form = ChildForm(request.POST or None)
    if request.method == "POST":

        def enter() -> Child:
            return services.enter_child(by=request.user, relation=form.cleaned_data["relation"], **form.said())

        if taken(form, enter):
            messages.success(request, _("Entered. Only you, and later the mentors of a session, can read it."))
            return redirect(going_to(request) or "youth_mine")
    context = {"form": form, "next": going_to(request)}
    return render(request, "outreach/child.html", context, status=400 if form.errors else 200)


@login_required
@READ_OR_SEND
def edit_child(request: HttpRequest, child_id: UUID) -> HttpResponse:
    """Correct a child, say what matters of its health, or erase it."""
    child = child_of(request, child_id)
    if request.POST.get("do") == "erase":
        return _erased(request, child)
    try:
        words, written = services.words_of(child), services.health_of(child)
    except Refused as error:  # its key is lost: what is left to do is to erase it
        lost = {"child": child, "lost": error.refusals[0].detail, "may_erase": not services.is_needed(child)}
        return render(request, "outreach/child.html", lost)
    guardian, health = child.guardians.get(user=request.user), HealthForm(initial={"text": written})
    if request.POST.get("do") == "health":
        health = said = HealthForm(request.POST)
        if taken(said, lambda: services.say_health(child, by=request.user, **said.cleaned_data)):
            messages.success(request, _("Saved. Only the mentors of the session can read it, around its days."))
            return redirect(child)
    form = ChildForm(initial=_as_initial(words) | {"relation": guardian.relation})
    if request.method == "POST" and "do" not in request.POST:
        form = given = ChildForm(request.POST)
        if taken(given, lambda: services.change_child(child, by=request.user, **given.said())):
            messages.success(request, _("Saved."))
            return redirect("youth_mine")
    states = set(child.enrolments.values_list("state", flat=True))
    context = {
        "child": child,
        "words": words,
        "form": form,
        "health_form": health if states & IS_CONFIRMED & IS_COMING else None,
        "may_erase": not services.is_needed(child),
    }
    status = 400 if form.errors or health.errors else 200
    return render(request, "outreach/child.html", context, status=status)


def _erased(request: HttpRequest, child: Child) -> HttpResponse:
    try:
        services.remove_child(child, by=request.user)
    except Refused as error:
        messages.error(request, str(error.refusals[0].detail))
        return redirect(child)
    messages.success(request, _("Erased. Nothing that you entered can be read any more."))
    return redirect("youth_mine")


def _as_initial(words: services.ChildWords) -> dict[str, Any]:
    first, second = words.contacts
    return {
        "name": words.name,
        "born": words.born,
        "grade": words.grade,
        "first_name": first.name,
        "first_phone": first.phone,
        "second_name": second.name,
        "second_phone": second.phone,
    }
