"""Photos and documents of a record: taken only when `common.uploads` found them good.

Whoever adds one is the record's keeper. What is removed is gone from the disk too; the history keeps its name.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import WrongInput
from common.uploads.arriving import Readable
from instruments.models import Document, Instrument, Photo, TestItem
from instruments.permissions import refuse_unless_may_edit
from instruments.services.tidying import tidied
from records.services import drop_file, keep_document, keep_picture

MOST_PHOTOS, MOST_DOCUMENTS = 12, 40


@transaction.atomic
def add_photo(instrument: Instrument, *, file: Readable, by: User, **captions: str) -> Photo:
    """Show a picture with an instrument. Raises NotAllowed, and WrongInput or Refused for what the file is."""
    refuse_unless_may_edit(by, instrument.facility)
    Instrument.objects.lock(instrument.slug)
    shown = list(instrument.photos.all())
    if len(shown) >= MOST_PHOTOS:
        raise WrongInput("file", "too_many", _("At most %(n)s photos: remove one first.") % {"n": MOST_PHOTOS})
    kept = keep_picture(file, by=by, public=True)
    place = max((each.position for each in shown), default=-1) + 1
    photo = Photo(instrument=instrument, file=kept, name=kept.name, position=place, **tidied(Photo, captions))
    photo.full_clean()
    photo.save()
    return photo


@transaction.atomic
def show_first(photo: Photo, *, by: User) -> None:
    """Let a photo stand for its instrument. Raises NotAllowed."""
    refuse_unless_may_edit(by, photo.instrument.facility)
    Instrument.objects.lock(photo.instrument.slug)
    others = photo.instrument.photos.exclude(pk=photo.pk)
    for place, each in enumerate([photo, *others]):
        each.position = place
        each.save(update_fields=["position"])


@transaction.atomic
def remove_photo(photo: Photo, *, by: User) -> None:
    """Take a picture away. Raises NotAllowed."""
    refuse_unless_may_edit(by, photo.instrument.facility)
    photo.delete()
    drop_file(photo.file, by=by)


@transaction.atomic
def add_document(record: Instrument | TestItem, *, file: Readable, by: User, **fields: Any) -> Document:
    """Hand out a document with a record. Raises NotAllowed, and WrongInput or Refused for what the file is."""
    refuse_unless_may_edit(by, record.facility)
    type(record)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    if record.documents.count() >= MOST_DOCUMENTS:
        raise WrongInput("file", "too_many", _("At most %(n)s documents: remove one first.") % {"n": MOST_DOCUMENTS})
    kept = keep_document(file, by=by)
    owner = {"instrument" if isinstance(record, Instrument) else "test_item": record}
    document = Document(file=kept, name=kept.name, **owner, **tidied(Document, fields))
    document.full_clean()
    document.save()
    return document


@transaction.atomic
def remove_document(document: Document, *, by: User) -> None:
    """Take a document away. Raises NotAllowed."""
    refuse_unless_may_edit(by, document.record.facility)
    document.delete()
    drop_file(document.file, by=by)
