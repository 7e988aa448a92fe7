"""Forms of files; what a file may be is said by `common.uploads`."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from instruments.forms.fields import with_fields_like
from instruments.models import Document, Photo

PICTURES, DOCUMENTS = ".jpg,.jpeg,.png,.webp", ".pdf,.csv,.txt,.xlsx,.docx"


def file_field(accept: str, help_text: str) -> forms.FileField:
    # An empty file has a rule of its own, with a sentence that says so.
    widget = forms.FileInput({"accept": accept})
    return forms.FileField(label=gettext_lazy("File"), widget=widget, help_text=help_text, allow_empty_file=True)


@with_fields_like(Photo, ["caption_zh", "caption_en"])
class PhotoForm(forms.Form):
    field_order = ["file"]
    file = file_field(PICTURES, gettext_lazy("JPEG, PNG or WebP, at most 10 MB. Place and time of taking are removed."))


@with_fields_like(Document, ["title_zh", "title_en", "readers"])
class DocumentForm(forms.Form):
    field_order = ["file"]
    file = file_field(DOCUMENTS, gettext_lazy("PDF, CSV, TXT, XLSX or DOCX, at most 20 MB."))


class QrPictureForm(forms.Form):
    file = file_field(PICTURES, gettext_lazy("The QR picture of a chat group or an official account."))
