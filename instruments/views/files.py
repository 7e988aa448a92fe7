"""Pages: photos and documents of a record; a document as it is sent."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.sending import send_file
from instruments import services
from instruments.forms.files import DocumentForm, PhotoForm
from instruments.models import Document, Instrument, Photo, TestItem
from instruments.permissions import documents_for
from instruments.states import DocumentFor
from instruments.views.editing import READ_OR_SEND
from instruments.views.finding import instrument_kept_by, item_kept_by, taken


@login_required
@READ_OR_SEND
def instrument_files(request: HttpRequest, slug: str) -> HttpResponse:
    """An instrument's photos and documents: look, add, remove."""
    return _files_page(request, instrument_kept_by(request, slug))


@login_required
@READ_OR_SEND
def item_files(request: HttpRequest, slug: str) -> HttpResponse:
    """A test item's documents."""
    return _files_page(request, item_kept_by(request, slug))


def _files_page(request: HttpRequest, record: Instrument | TestItem) -> HttpResponse:
    photo_form, document_form, by = PhotoForm(), DocumentForm(), request.user
    done, act = "", request.POST.get("do", "")
    if act == "photo" and isinstance(record, Instrument):
        photo_form = shown = PhotoForm(request.POST, request.FILES)
        if taken(shown, lambda: _add(services.add_photo, record, shown, by)):
            done = _("The photo is there.")
    elif act == "document":
        document_form = given = DocumentForm(request.POST, request.FILES)
        done = (
            _("The document is there.") if taken(given, lambda: _add(services.add_document, record, given, by)) else ""
        )
    elif act in {"first", "remove photo"}:
        photo = get_object_or_404(Photo.objects.select_related("file__small"), pk=_named(request), instrument=record)
        (services.show_first if act == "first" else services.remove_photo)(photo, by=by)
        done = _("Saved.") if act == "first" else _("The photo is gone.")
    elif act == "remove document":
        document = get_object_or_404(record.documents.select_related("file"), pk=_named(request))
        services.remove_document(document, by=by)
        done = _("The document is gone.")
    if done:
        messages.success(request, done)
        return redirect(request.path)
    context = {
        "record": record,
        "facility": record.facility,
        "photos": record.photos.select_related("file__small") if isinstance(record, Instrument) else None,
        "documents": record.documents.select_related("file"),
        "photo_form": photo_form,
        "document_form": document_form,
    }
    wrong = photo_form.errors or document_form.errors
    return render(request, "instruments/files.html", context, status=400 if wrong else 200)


def _add(add: Any, record: Instrument | TestItem, form: PhotoForm | DocumentForm, by: Any) -> Any:
    given = {name: value for name, value in form.cleaned_data.items() if name != "file"}
    return add(record, form.cleaned_data["file"], by=by, **given)


def _named(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("which", ""))
    except ValueError:
        raise Http404 from None


@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """A document, for those who may see its record and are among its readers; as if it were not there for others."""
    found = get_object_or_404(
        Document.objects.select_related(
            "file", "instrument__facility__organisation", "test_item__facility__organisation"
        ),
        pk=document_id,
    )
    record, user = services.record_of(found), request.user
    reads = documents_for(user, record.facility)
    sees_it = DocumentFor.LAB in reads or type(record)._default_manager.visible_to(user).filter(pk=record.pk).exists()
    if sees_it and found.readers in reads:
        return send_file(request, found.file)
    if sees_it and found.readers == DocumentFor.SIGNED_IN:
        return redirect_to_login(request.get_full_path())
    raise Http404
