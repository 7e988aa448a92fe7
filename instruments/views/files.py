"""Pages: photos and documents of a record; a document as it is sent."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.sending import send_file
from common.web import READ_OR_SEND, here, taken
from instruments import services
from instruments.forms.files import DocumentForm, PhotoForm
from instruments.models import Document, Instrument, Photo, TestItem
from instruments.permissions import may_read
from instruments.states import DocumentFor
from instruments.views.finding import instrument_kept_by, item_kept_by


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
    photo_form, document_form = PhotoForm(), DocumentForm()
    act, by = request.POST.get("do", ""), request.user
    if act == "photo" and isinstance(record, Instrument):
        photo_form = shown = PhotoForm(request.POST, request.FILES)
        if taken(shown, lambda: services.add_photo(record, by=by, **shown.cleaned_data)):
            return here(request, _("The photo is there."))
    elif act == "document":
        document_form = given = DocumentForm(request.POST, request.FILES)
        if taken(given, lambda: services.add_document(record, by=by, **given.cleaned_data)):
            return here(request, _("The document is there."))
    elif act:
        return here(request, _change(request, record, act))
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


def _change(request: HttpRequest, record: Instrument | TestItem, act: str) -> str:
    """Do what one of the small buttons says, to what it stands beside; returns the words for it."""
    try:
        which = UUID(request.POST.get("which", ""))
    except ValueError:
        raise Http404 from None
    if act == "remove document" or not isinstance(record, Instrument):
        document = get_object_or_404(record.documents.select_related("file"), pk=which)
        services.remove_document(document, by=request.user)
        return _("The document is gone.")
    photo = get_object_or_404(Photo.objects.select_related("file__small"), pk=which, instrument=record)
    if act == "remove photo":
        services.remove_photo(photo, by=request.user)
        return _("The photo is gone.")
    services.show_first(photo, by=request.user)
    return _("Saved.")


@require_safe
def document(request: HttpRequest, document_id: UUID) -> HttpResponseBase:
    """A document, for those who may see its record and are among its readers; as if it were not there for others."""
    found = get_object_or_404(
        Document.objects.select_related(
            "file", "instrument__facility__organisation", "test_item__facility__organisation"
        ),
        pk=document_id,
    )
    if may_read(request.user, found):
        return send_file(request, found.file)
    if found.readers == DocumentFor.SIGNED_IN and not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    raise Http404
