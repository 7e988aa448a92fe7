"""Pages of test items: the public one, and those of the laboratory that keeps the record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from common.web import READ_OR_SEND, says_why
from instruments import services
from instruments.forms.editing import ITEM_FIELDS, ItemForm, Sheet
from instruments.forms.rows import AccreditationRows, QuestionRows, questions_as_rows
from instruments.models import Facility, Instrument, TestItem
from instruments.permissions import may_edit_at, readable
from instruments.rules import questions_of
from instruments.states import Status
from instruments.views.finding import facilities_for, facility_kept_by, item_kept_by, meanwhile, taken_sheet


@require_safe
def test_item(request: HttpRequest, slug: str) -> HttpResponse:
    """What it tells, of which sample, how soon, by whom; and the two doors: send samples, or book the instrument."""
    visible = TestItem.objects.visible_to(request.user).select_related("facility__organisation", "confirmed_by")
    item = get_object_or_404(visible, slug=slug)
    context = {
        "item": item,
        "instruments": item.instruments.exclude(status=Status.RETIRED).order_by("name_zh"),
        "accreditations": item.accreditations.all(),
        "questions": questions_of(item.questions),
        "documents": readable(item.documents.select_related("file"), request.user, item.facility),
        "today": timezone.localdate(),
        "may_edit": request.user.is_authenticated and may_edit_at(request.user, item.facility),
    }
    return render(request, "instruments/item.html", context)


@login_required
@READ_OR_SEND
def new_item(request: HttpRequest, facility: str) -> HttpResponse:
    """Enter what a laboratory tests."""
    found = facility_kept_by(request, facility)
    return _item_page(request, TestItem(facility=found), facilities=[])


@login_required
@READ_OR_SEND
def edit_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Bring a test item's record up to date."""
    found = item_kept_by(request, slug)
    return _item_page(request, found, facilities=facilities_for(request, found.facility.organisation))


def _item_page(request: HttpRequest, record: TestItem, *, facilities: list[Facility]) -> HttpResponse:
    sheet = _sheet_of(request, record, facilities)
    seen = sheet.form["version"].value() if request.method == "POST" else record.version
    if request.method == "POST" and (saved := _save(request, sheet, record)):
        messages.success(request, _("Saved."))
        return redirect("edit_item", saved.slug)
    context = {
        "record": record if record.pk else None,
        "facility": record.facility,
        "sheet": sheet,
        "meanwhile": meanwhile(record, seen),
    }
    return render(request, "instruments/edit_item.html", context, status=400 if sheet.is_wrong else 200)


def _sheet_of(request: HttpRequest, record: TestItem, facilities: list[Facility]) -> Sheet:
    usable = Instrument.objects.filter(organisation=record.facility.organisation_id).exclude(status=Status.RETIRED)
    used = list(record.instruments.values_list("slug", flat=True)) if record.pk else []
    if used:  # a retired one stays on the list of those that use it already
        usable |= Instrument.objects.filter(slug__in=used)
    shape: dict[str, Any] = {"facilities": facilities, "instruments": usable.order_by("name_zh")}
    if request.method == "POST":
        data = request.POST
        rows = {"accreditations": AccreditationRows(data, prefix="acc"), "questions": QuestionRows(data, prefix="q")}
        return Sheet(ItemForm(data, **shape), **rows)
    first = {name: getattr(record, name) for name in ITEM_FIELDS}
    first |= {"version": record.version if record.pk else 0, "facility": record.facility.slug, "instruments": used}
    certificates = list(record.accreditations.values("scheme", "certificate", "scope", "until")) if record.pk else []
    return Sheet(
        ItemForm(initial=first, **shape),
        accreditations=AccreditationRows(prefix="acc", initial=certificates),
        questions=QuestionRows(prefix="q", initial=questions_as_rows(record.questions)),
    )


def _save(request: HttpRequest, sheet: Sheet, record: TestItem) -> TestItem | None:
    def write() -> TestItem:
        given = sheet.form.values()
        slug = record.slug or services.address_for(TestItem, record.facility, name_en=given["name_en"])
        return services.enter_test_item(
            sheet.form.cleaned_data.get("facility") or record.facility,
            slug=slug,
            by=request.user,
            version=sheet.form.cleaned_data["version"],
            accreditations=sheet.rows["accreditations"].values(),
            questions=sheet.rows["questions"].values(),
            **given,
        )

    return taken_sheet(sheet, write, stale=lambda: record.version if record.pk else 0)


@login_required
@require_POST
@says_why("registry")
def confirm_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the record is right as it stands."""
    found = item_kept_by(request, slug)
    services.confirm_record(found, by=request.user)
    messages.success(request, _("Confirmed: %(name)s") % {"name": found.name})
    return redirect("records", found.facility.slug)


@login_required
@require_POST
@says_why("registry")
def offer_item(request: HttpRequest, slug: str) -> HttpResponse:
    """Stop offering a test, or offer it again."""
    found = item_kept_by(request, slug)
    if request.POST.get("do") == "again":
        services.offer_again(found, by=request.user)
        messages.success(request, _("Offered again."))
    else:
        services.stop_offering(found, by=request.user)
        messages.success(request, _("Not offered any more. The record stays."))
    return redirect("records", found.facility.slug)


@login_required
@require_safe
def item_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what in a test item's record, its accreditations and the instruments that it uses."""
    found = item_kept_by(request, slug)
    context = {"record": found, "facility": found.facility, "changes": services.history_of(found)}
    return render(request, "instruments/history.html", context)
