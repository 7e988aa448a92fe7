"""Pages: rounds of collection, for the city's officers and for the institutions that are asked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import is_officer, may_govern
from common.tables import csv_of
from common.web import READ_OR_SEND, says_why, taken
from common.words import day, moment
from instruments import services
from instruments.forms.importing import RoundForm
from instruments.models import CollectionRound, Instrument, RoundAnswer, TestItem
from instruments.permissions import speaks_for


def refuse_unless_officer(request: HttpRequest) -> None:
    if not is_officer(request.user):
        raise PermissionDenied(_("Only the city's officers may do this."))


@login_required
@READ_OR_SEND
def rounds(request: HttpRequest) -> HttpResponse:
    """The officer's list of rounds, and the form that opens one."""
    refuse_unless_officer(request)
    form = RoundForm()
    if request.method == "POST":
        form = RoundForm(request.POST)
        given = form
        opened = taken(form, lambda: services.open_round(by=request.user, **given.cleaned_data))
        if opened:
            messages.success(request, _("The round is open. The institutions' admins were told."))
            return redirect(opened)
    context = {"form": form, "rounds": CollectionRound.objects.all()}
    return render(request, "instruments/rounds.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def one_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """How far each institution is."""
    refuse_unless_officer(request)
    asked = get_object_or_404(CollectionRound, pk=round_id)
    parts = services.state_of_round(asked)
    answered = sum(1 for each in parts if each.answer.answered_at)
    return render(request, "instruments/round.html", {"round": asked, "parts": parts, "answered": answered})


@login_required
@require_safe
def round_csv(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """The same as a table."""
    refuse_unless_officer(request)
    asked = get_object_or_404(CollectionRound, pk=round_id)
    headers = [
        _("Institution"),
        _("State"),
        _("Confirmed"),
        _("Records"),
        _("Reminded"),
        _("Answered"),
        _("Answered by"),
    ]
    rows = [dict(zip(headers, _cells(each), strict=True)) for each in services.state_of_round(asked)]
    response = HttpResponse(csv_of(headers, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="round.csv"'
    return response


def _cells(part: Any) -> list[object]:
    answer = part.answer
    state = _("answered") if answer.answered_at else _("in part") if part.confirmed else _("asked")
    return [
        answer.organisation.name,
        state,
        part.confirmed,
        part.records,
        moment(answer.reminded_at) if answer.reminded_at else "",
        moment(answer.answered_at) if answer.answered_at else "",
        answer.answered_by.name if answer.answered_by else "",
    ]


@login_required
@require_POST
@says_why("rounds")
def close_round(request: HttpRequest, round_id: UUID) -> HttpResponse:
    asked = get_object_or_404(CollectionRound, pk=round_id)
    services.close_round(asked, by=request.user)
    messages.success(request, _("The round is closed. Nobody is reminded any more."))
    return redirect(asked)


@login_required
@READ_OR_SEND
def round_part(request: HttpRequest, round_id: UUID, organisation_id: UUID) -> HttpResponse:
    """An institution's part: its records with their buttons, all at once, and "our part is done"."""
    answers = RoundAnswer.objects.select_related("round", "organisation", "answered_by")
    answer = get_object_or_404(answers, round=round_id, organisation=organisation_id)
    if not speaks_for(request.user, answer.organisation):
        raise Http404
    if request.method == "POST":
        return act_on_part(request, answer)
    instruments, items = services.records_in_round(answer.organisation, by=request.user)
    records: list[Instrument | TestItem] = [*instruments, *items]
    opened = answer.round.opened_at
    rows = [(each, bool(each.confirmed_at and each.confirmed_at >= opened)) for each in records]
    context = {
        "answer": answer,
        "round": answer.round,
        "organisation": answer.organisation,
        "rows": rows,
        "confirmed": sum(done for _record, done in rows),
        "governs": may_govern(request.user, answer.organisation),
        "deadline": day(answer.round.due_on),
    }
    return render(request, "instruments/round_part.html", context)


@says_why("registry")
def act_on_part(request: HttpRequest, answer: RoundAnswer) -> HttpResponse:
    """Confirm one, confirm all, or declare the part done."""
    asked = request.POST.get("do", "")
    if asked == "answer":
        services.answer_round(answer, by=request.user)
        messages.success(request, _("Your part is declared done. The city sees it."))
    elif asked == "all":
        count = services.confirm_all(answer.organisation, by=request.user)
        said = ngettext("%(n)s record confirmed.", "%(n)s records confirmed.", count)
        messages.success(request, said % {"n": count})
    else:
        instruments, items = services.records_in_round(answer.organisation, by=request.user)
        kind, _colon, slug = asked.partition(":")
        theirs: Any = items if kind == "item" else instruments
        record = get_object_or_404(theirs, slug=slug)
        services.confirm_record(record, by=request.user)
        messages.success(request, _("Confirmed: %(name)s") % {"name": record.name})
    return redirect(answer)
