"""One's own data: what is kept, a copy of it, and taking leave."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import is_officer
from common.errors import WrongInput
from common.web import READ_OR_SEND, going_to, printed, saved
from common.words import day, speaks_english
from outreach.permissions import places_coordinated_by
from privacy import pdf, services
from privacy.forms import LeaveForm
from privacy.models import Erasure
from privacy.permissions import may_audit
from privacy.states import CURRENT, VERSIONS, ErasureState
from records.models import Job
from records.rules import kept_for
from records.services import progress_of


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of people, why and how long: open to everybody."""
    context = {
        "version": CURRENT,
        "language": _language(),
        "retention": services.retention_table(),
        "rows": [each for each in services.data_map() if each.given],
    }
    return render(request, "privacy/privacy.html", context)


def _language() -> str:
    """In which folder of texts the reader's are."""
    return "en" if speaks_english() else "zh"


@require_safe
def terms(request: HttpRequest, version: str = CURRENT) -> HttpResponse:
    """The terms of use, this version or an older one."""
    if version not in VERSIONS:
        raise Http404
    context = {"version": version, "language": _language(), "versions": VERSIONS, "is_current": version == CURRENT}
    return render(request, "privacy/terms.html", context)


@login_required
@READ_OR_SEND
def agree(request: HttpRequest) -> HttpResponse:
    """Both texts, and one button; where somebody was going is where it leads on to."""
    if request.method == "POST":
        given = {"version": request.POST.get("version", ""), "language": translation.get_language() or ""}
        try:
            services.accept_texts(request.user, **given)
            return redirect(going_to(request) or "landing")
        except WrongInput as error:
            messages.error(request, str(error.detail))
    context = {"version": CURRENT, "language": _language(), "next": going_to(request)}
    return render(request, "privacy/agree.html", context)


def _page(request: HttpRequest, status: int = 200, **shown: Any) -> HttpResponse:
    exports = [
        {"job": each, "progress": progress_of(each), "ready": services.can_be_fetched(each), "until": _until(each)}
        for each in services.exports_of(request.user)
    ]
    context = {
        "exports": exports,
        "erasure": Erasure.objects.of(request.user).standing().first(),
        "objections": services.objections_to_erasure(request.user),
        "leave_form": LeaveForm(person=request.user),
        "rows": [each for each in services.data_map() if each.given],
    }
    return render(request, "privacy/my_data.html", {**context, **shown}, status=status)


def _until(job: Job) -> Any:
    return job.finished_at + kept_for("exports") if job.finished_at else None


@login_required
@READ_OR_SEND
def my_data(request: HttpRequest) -> HttpResponse:
    """What one may ask for; `do` says what a form is about."""
    if request.method != "POST":
        return _page(request)
    act = request.POST.get("do")
    if act == "withdraw":
        standing = get_object_or_404(Erasure.objects.of(request.user).filter(state=ErasureState.ASKED))
        services.withdraw_erasure(standing)
        messages.success(request, _("Your account stays."))
        return redirect("my_data")
    person = request.user
    leaves = act == "erase"
    form = LeaveForm(request.POST if leaves else {"address": person.email or person.phone}, person=person)
    ask = services.ask_for_erasure if leaves else services.ask_for_export
    if not saved(form, lambda: ask(person)):
        return _page(request, 400, **({"leave_form": form} if leaves else {"export_form": form}))
    said = (
        _("It will be done in fourteen days.") if leaves else _("The copy is being made. A mail says when it is there.")
    )
    messages.success(request, said)
    return redirect("my_data")


@login_required
@require_safe
def fetch(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One's own copy, for seven days."""
    job = get_object_or_404(Job.objects.of(request.user), pk=job_id)
    content = services.fetch_export(job, by=request.user)
    if content is None:
        raise Http404
    name = f"jishi-{timezone.localdate():%Y-%m-%d}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def _audited(request: HttpRequest, year: int) -> dict[str, Any]:
    this_year = timezone.localdate().year
    if not may_audit(request.user) or not services.OLDEST_YEAR <= year <= this_year:
        raise Http404
    mine = ", ".join(str(each.name) for each in places_coordinated_by(request.user))
    return {
        "year": year,
        "years": range(this_year, services.OLDEST_YEAR - 1, -1),
        "of": _("All organisations of the city") if is_officer(request.user) else mine,
        "sections": services.minors_report(request.user, year=year),
    }


@login_required
@require_safe
def minors(request: HttpRequest) -> HttpResponse:
    """The numbers of the yearly audit: this year's, until another is chosen."""
    chosen = request.GET.get("year", "")
    year = int(chosen) if chosen.isascii() and chosen.isdigit() else timezone.localdate().year
    return render(request, "privacy/minors.html", _audited(request, year))


@login_required
@require_safe
def minors_pdf(request: HttpRequest, year: int) -> HttpResponse:
    found = _audited(request, year)
    content = pdf.minors(found["sections"], year=year, of=found["of"], made_on=day(timezone.now()))
    return printed(content, f"minors-{year}.pdf")
