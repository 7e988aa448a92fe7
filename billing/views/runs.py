"""Pages: runs of invoices, from the drafts to the issued month."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing import services
from billing.forms.invoicing import RunForm
from billing.models import Invoice, InvoiceRun
from billing.states import InvoiceState, LineState, RunState
from billing.views.finding import seller_kept_by
from common.web import READ_OR_SEND, came_from, here, says_why, taken
from records.services import progress_of
from records.states import JobState

A_PAGE = 50


@login_required
@READ_OR_SEND
def runs(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """The months, and the form that begins one by hand."""
    seller = seller_kept_by(request, organisation_id)
    form = RunForm(request.POST or None)
    if request.method == "POST":
        made = taken(form, lambda: services.start_run(seller, month=form.cleaned_data["month"], by=request.user))
        if made:
            return redirect("invoice_run", made.pk)
    out = Q(invoices__number__isnull=False)
    found = InvoiceRun.objects.filter(seller=seller).select_related("made_by", "issued_by")
    found = found.annotate(
        drafts=Count("invoices", Q(invoices__state=InvoiceState.DRAFT)), out=Count("invoices", out),
        total=Sum("invoices__to_pay", filter=~Q(invoices__state=InvoiceState.DROPPED)),
    )  # fmt: skip
    page = Paginator(found.order_by("-month", "-made_at"), A_PAGE).get_page(request.GET.get("page"))
    context = {"seller": seller, "section": "runs", "form": form, "page": page}
    return render(request, "billing/runs.html", context, status=400 if form.errors else 200)


@login_required
@READ_OR_SEND
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One run: how far it is, its drafts, what is wrong; the buttons that postpone, issue or drop."""
    visible = InvoiceRun.objects.visible_to(request.user).select_related("seller", "job", "made_by", "issued_by")
    found = get_object_or_404(visible, pk=run_id)
    if request.method == "POST":
        return _act(request, found)
    job = found.job
    running = job is not None and job.state in {JobState.QUEUED, JobState.RUNNING}
    drafts = Invoice.objects.filter(run=found).with_everything().annotate(
        included=Count("lines", Q(lines__state=LineState.INCLUDED)), charges=Count("lines")
    )  # fmt: skip
    page = Paginator(drafts.order_by("number", "-to_pay", "pk"), A_PAGE).get_page(request.GET.get("page"))
    sums = found.invoices.exclude(state=InvoiceState.DROPPED).aggregate(
        to_pay=Sum("to_pay"), covered=Sum("covered"), vat=Sum("vat"), count=Count("pk")
    )
    context: dict[str, Any] = {
        "run": found, "seller": found.seller, "section": "runs", "page": page, "sums": sums, "running": running,
        "job": job, "progress": progress_of(job) if job else 0, "is_draft": found.state == RunState.DRAFT,
        "problems": [(_sentence(each["code"]), each) for each in found.problems],
        "tab": request.GET.get("tab", ""),
    }  # fmt: skip
    response = render(request, "billing/run.html", context)
    if running:
        response["Refresh"] = "2"
    return response


def _sentence(code: str) -> str:
    """What a problem means, and what to do."""
    return {
        "objected": _("The payer objects: it is left out until you have decided."),
        "no_fund_code": _(
            "No project number: the payer's finance may ask for one. Postpone it, or issue it all the same."
        ),
    }.get(code, code)


@says_why("home")
def _act(request: HttpRequest, found: InvoiceRun) -> HttpResponse:
    act, by = request.POST.get("do", ""), request.user
    if act == "issue":
        services.issue_run(found, by=by)
        return redirect("invoice_run", found.pk)
    if act == "drop":
        services.drop_run(found, by=by)
        messages.success(request, _("The drafts are gone; their charges wait for another run."))
        return redirect("invoice_runs", found.seller_id)
    if act in LineState.values:
        invoice = get_object_or_404(found.invoices, pk=request.POST.get("invoice"))
        lines = list(invoice.lines.values_list("pk", flat=True))
        services.choose_lines(found, lines=lines, state=act, by=by)
        said = {
            LineState.INCLUDED: pgettext("lines", "Included."),
            LineState.EXCLUDED: pgettext("lines", "Left out for good."),
            LineState.POSTPONED: pgettext("lines", "Postponed to the next run."),
        }
        return here(request, said[LineState(act)])
    return redirect(came_from(request) or "home")
