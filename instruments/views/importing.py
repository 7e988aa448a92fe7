"""Pages: tables of instruments handed in, their columns, what every row would do, what came of it; and exports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Organisation
from accounts.permissions import is_officer
from common.errors import NotAllowed
from common.web import READ_OR_SEND, says_why, taken
from instruments import services
from instruments.api.catalogue import table_response
from instruments.api.imports import wrong_response
from instruments.filters import InstrumentFilter
from instruments.formats import BY_NAME, in_words, label
from instruments.forms.importing import ImportForm, MappingForm
from instruments.models import CollectionRound, ImportRow, Instrument, InstrumentImport
from instruments.permissions import may_import
from instruments.states import ImportState, TableFormat, Verdict
from instruments.views.finding import facilities_for
from records.services import progress_of

A_PAGE, SHOWN_MISSING = 50, 200
RUNNING = {ImportState.QUEUED, ImportState.PREVIEWING, ImportState.APPLYING}
LOOK_AGAIN = "3"  # seconds


@login_required
@require_safe
def registry(request: HttpRequest) -> HttpResponse:
    """Where the records of one's organisations are kept: import, export, one's imports, rounds that ask."""
    kept = list(services.organisations_kept_by(request.user))
    officer = is_officer(request.user)
    imports = InstrumentImport.objects.visible_to(request.user).select_related("organisation", "by")[:A_PAGE]
    asked = CollectionRound.objects.open().filter(answers__organisation__in=kept).distinct()
    context = {
        "kept": [(each, facilities_for(request, each)) for each in kept],
        "officer": officer,
        "others": Organisation.objects.filter(facilities__isnull=False)
        .distinct()
        .order_by("name_zh")
        .prefetch_related("facilities")
        if officer
        else [],
        "imports": imports,
        "parts": [(each, one) for each in asked for one in kept],
    }
    return render(request, "instruments/registry.html", context)


@login_required
@READ_OR_SEND
def import_instruments(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    """Hand in a table for an organisation."""
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    if not may_import(request.user, organisation):
        raise NotAllowed(_("Only the institution's admins, its lab admins and the city's officers may do this."))
    form = ImportForm()
    if request.method == "POST":
        form = ImportForm(request.POST, request.FILES)
        given = form
        made = taken(form, lambda: services.hand_in(organisation, by=request.user, **given.cleaned_data))
        if made:
            return redirect(made)
    context = {"organisation": organisation, "form": form}
    return render(request, "instruments/import_new.html", context, status=400 if form.errors else 200)


def import_of(request: HttpRequest, import_id: UUID) -> InstrumentImport:
    visible = InstrumentImport.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("organisation", "previewing", "applying", "by"), pk=import_id)


@login_required
@require_safe
def instrument_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """An import as it stands: its columns, how far it is, what its rows would do or did."""
    source = import_of(request, import_id)
    job = services.job_of(source)
    waiting = source.state == ImportState.QUEUED and job is not None and job.kind == services.IMPORT_TABLE
    context: dict[str, Any] = {"source": source, "organisation": source.organisation, "waiting": waiting}
    if waiting:
        context["form"] = MappingForm(source)
    elif source.state in RUNNING:
        context |= {"running": True, "progress": progress_of(job) if job else 0}
    elif source.state in {ImportState.PREVIEWED, ImportState.APPLIED}:
        context |= _rows(request, source)
    response = render(request, "instruments/import.html", context)
    if context.get("running"):
        response["Refresh"] = LOOK_AGAIN
    return response


def _rows(request: HttpRequest, source: InstrumentImport) -> dict[str, Any]:
    """The rows of one verdict, or what stands in the catalogue and not in the table."""
    tabs = [(verdict.value, verdict.label, source.counts.get(verdict.value, 0)) for verdict in Verdict]
    tabs.append(("missing", _("not in the table"), source.counts.get("missing", 0)))
    first = next((name for name, _label, count in tabs if count), Verdict.NEW.value)
    chosen = request.GET.get("show", "")
    tab = chosen if chosen in {name for name, _label, _count in tabs} else first
    if tab == "missing":
        missing = services.not_in(source, by=source.by).select_related("facility")
        return {"tabs": tabs, "tab": tab, "missing": missing[:SHOWN_MISSING], "shown_missing": SHOWN_MISSING}
    rows = source.rows.filter(verdict=tab).select_related("instrument").order_by("line")
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    shown = [_shown(row, source) for row in page]
    return {"tabs": tabs, "tab": tab, "page": page, "rows": shown}


def _shown(row: ImportRow, source: InstrumentImport) -> dict[str, Any]:
    said = {name: row.fields.get(name) for name in ("inner_number", "name_zh", "name_en", "slug")}
    by_field = {name: header for header, name in source.mapping.items() if name}
    number = said["inner_number"] or row.cells.get(by_field.get("inner_number", ""), "") or said["slug"]
    name = said["name_zh"] or (row.instrument and row.instrument.name) or said["name_en"]
    changed = [(name, *row.changes[name]) for name in BY_NAME if name in row.changes]
    fields = [(label(field), _word(before), _word(after)) for field, before, after in changed]
    return {
        "row": row,
        "number": number,
        "name": name or row.cells.get(by_field.get("name_zh", ""), ""),
        "changes": fields if row.verdict == Verdict.CHANGED else [],
        "new": [(name, after) for name, _before, after in fields] if row.verdict == Verdict.NEW else [],
        "reasons": [in_words(each) for each in row.reasons],
    }


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "" if value is None else str(value)


@login_required
@READ_OR_SEND
def map_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Say what the columns stand for, and have the table looked through (again)."""
    source = import_of(request, import_id)
    form = MappingForm(source, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        given = form
        if taken(form, lambda: services.look_through(source, by=request.user, mapping=given.mapping())):
            return redirect(source)
    context = {"source": source, "organisation": source.organisation, "form": form, "waiting": True}
    return render(request, "instruments/import.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
@says_why("registry")
def apply_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    return redirect(services.apply_import(import_of(request, import_id), by=request.user))


@login_required
@require_POST
@says_why("registry")
def discard_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    services.discard_import(import_of(request, import_id))
    return redirect("registry")


@login_required
@require_safe
def import_wrong_rows(request: HttpRequest, import_id: UUID) -> StreamingHttpResponse:
    return wrong_response(import_of(request, import_id))


@require_safe
def export_instruments(request: HttpRequest) -> HttpResponseBase:
    """The catalogue as a table, filtered as its page is; `?own=` an organisation's own records, all of them."""
    format_ = TableFormat.UNIQUIP if request.GET.get("format") == TableFormat.UNIQUIP else TableFormat.JISHI
    if own := request.GET.get("own"):
        organisation = next((each for each in Organisation.objects.all() if str(each.pk) == own), None)
        found = services.records_of(organisation, seen_by=request.user) if organisation else Instrument.objects.none()
        return table_response(found, format=format_)
    filtered = InstrumentFilter(request.GET, queryset=Instrument.objects.visible_to(request.user))
    return table_response(filtered.qs if filtered.is_valid() else Instrument.objects.none(), format=format_)
