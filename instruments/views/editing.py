"""Pages: a facility's records, an instrument's record with its rows, how a facility is reached, histories."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import ResearchGroup
from common.web import READ_OR_SEND, says_why, taken
from instruments import services
from instruments.forms.boards import ContactForm
from instruments.forms.editing import INSTRUMENT_FIELDS, InstrumentForm, Sheet
from instruments.forms.files import QrPictureForm
from instruments.forms.rows import QuestionRows, SpecificationRows, questions_as_rows
from instruments.models import BusyFeed, Facility, Instrument, TestItem
from instruments.permissions import runs, speaks_for
from instruments.states import Status
from instruments.views.finding import (
    facilities_for,
    facility_kept_by,
    instrument_kept_by,
    meanwhile,
    taken_sheet,
)


@login_required
@require_safe
def records(request: HttpRequest, facility: str) -> HttpResponse:
    """A facility's instruments and test items: how each stands, and when its record was confirmed."""
    found = facility_kept_by(request, facility)
    context = {
        "facility": found,
        "instruments": Instrument.objects.filter(facility=found, merged_into=None).order_by("status", "name_zh"),
        "items": TestItem.objects.filter(facility=found).order_by("-is_offered", "name_zh"),
        "others": [each for each in facilities_for(request, found.organisation) if each != found],
        "may_confirm": speaks_for(request.user, found.organisation),
    }
    return render(request, "instruments/records.html", context)


@login_required
@READ_OR_SEND
def new_instrument(request: HttpRequest, facility: str) -> HttpResponse:
    """Enter an instrument."""
    found = facility_kept_by(request, facility)
    return _instrument_page(request, Instrument(facility=found), facilities=[])


@login_required
@READ_OR_SEND
def edit_instrument(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring an instrument's record up to date."""
    found = instrument_kept_by(request, slug)
    return _instrument_page(request, found, facilities=facilities_for(request, found.facility.organisation))


def _instrument_page(request: HttpRequest, record: Instrument, *, facilities: list[Facility]) -> HttpResponse:
    sheet = _sheet_of(request, record, facilities)
    seen = sheet.form["version"].value() if request.method == "POST" else record.version
    if request.method == "POST" and (saved := _save(request, sheet, record)):
        messages.success(request, _("Saved."))
        return redirect("edit_instrument", saved.slug)
    context = {
        "record": record if record.pk else None,
        "facility": record.facility,
        "sheet": sheet,
        "runs_it": runs(request.user, record.facility),
        "meanwhile": meanwhile(record, seen),
    }
    return render(request, "instruments/edit_instrument.html", context, status=400 if sheet.is_wrong else 200)


def _sheet_of(request: HttpRequest, record: Instrument, facilities: list[Facility]) -> Sheet:
    groups = ResearchGroup.objects.filter(organisation=record.facility.organisation_id).order_by("name_zh")
    shape: dict[str, Any] = {
        "facilities": facilities, "groups": groups, "retired": record.status == Status.RETIRED,
    }  # fmt: skip
    if request.method == "POST":
        data = request.POST
        rows = {"specifications": SpecificationRows(data, prefix="spec"), "questions": QuestionRows(data, prefix="q")}
        return Sheet(InstrumentForm(data, **shape), **rows)
    first = {name: getattr(record, name) for name in INSTRUMENT_FIELDS}
    feed = BusyFeed.objects.filter(instrument=record).first() if record.pk else None
    first |= {
        "busy_url": feed.url if feed else "",
        "version": record.version if record.pk else 0,
        "facility": record.facility.slug,
    }
    lines = list(record.specifications.values("name_zh", "name_en", "value", "unit")) if record.pk else []
    return Sheet(
        InstrumentForm(initial=first, **shape),
        specifications=SpecificationRows(prefix="spec", initial=lines),
        questions=QuestionRows(prefix="q", initial=questions_as_rows(record.questions)),
    )


def _save(request: HttpRequest, sheet: Sheet, record: Instrument) -> Instrument | None:
    def write() -> Instrument:
        given = sheet.form.values()
        slug = record.slug or services.address_for(Instrument, record.facility, name_en=given["name_en"])
        return services.enter_instrument(
            sheet.form.cleaned_data.get("facility") or record.facility,
            slug=slug,
            by=request.user,
            version=sheet.form.cleaned_data["version"],
            specifications=sheet.rows["specifications"].values(),
            questions=sheet.rows["questions"].values(),
            **given,
        )

    return taken_sheet(sheet, write, stale=lambda: record.version if record.pk else 0)


@login_required
@require_POST
@says_why("registry")
def confirm_instrument(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the record is right as it stands."""
    found = instrument_kept_by(request, slug)
    services.confirm_record(found, by=request.user)
    messages.success(request, _("Confirmed: %(name)s") % {"name": found.name})
    return redirect("records", found.facility.slug)


@login_required
@require_safe
def record_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what in an instrument's record and data sheet."""
    found = instrument_kept_by(request, slug)
    context = {
        "record": found,
        "facility": found.facility,
        "changes": services.history_of(found),
        "of_bookings": runs(request.user, found.facility),
    }
    return render(request, "instruments/history.html", context)


@login_required
@READ_OR_SEND
def facility_contact(request: HttpRequest, facility: str) -> HttpResponse:
    """How a facility is reached, and where."""
    found = facility_kept_by(request, facility)
    form, qr_form = ContactForm(initial={name: getattr(found, name) for name in services.CONTACT}), QrPictureForm()
    if request.POST.get("do") == "remove qr":
        services.set_qr_picture(found, file=None, by=request.user)
        messages.success(request, _("Saved."))
        return redirect("facility_contact", found.slug)
    if request.POST.get("do") == "qr":
        qr_form = shown = QrPictureForm(request.POST, request.FILES)
        if taken(shown, lambda: services.set_qr_picture(found, by=request.user, **shown.cleaned_data)):
            messages.success(request, _("Saved."))
            return redirect("facility_contact", found.slug)
    elif request.method == "POST":
        form = ContactForm(request.POST)
        given = form
        if taken(form, lambda: services.set_contact(found, by=request.user, **given.cleaned_data)):
            messages.success(request, _("Saved."))
            return redirect("facility_contact", found.slug)
    context = {"facility": found, "form": form, "qr_form": qr_form, "changes": services.history_of(found)[:20]}
    wrong = form.errors or qr_form.errors
    return render(request, "instruments/facility_contact.html", context, status=400 if wrong else 200)
