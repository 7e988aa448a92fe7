"""What is shown and handed out with a record: photos and documents."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.ids import new_id
from common.text import Bilingual
from instruments.models.instrument import Instrument
from instruments.models.item import TestItem
from instruments.states import DocumentFor
from records.models import StoredFile


class Photo(models.Model):
    """A picture of an instrument; everybody who sees the instrument sees it. The first one stands for it in lists."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="photos")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=120, help_text="kept here too, for the history of what is gone")
    caption_zh = models.CharField(_("caption (Chinese)"), max_length=120, blank=True)
    caption_en = models.CharField(_("caption (English)"), max_length=160, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    caption = Bilingual("caption")

    class Meta:
        verbose_name = _("photo")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return str(self.caption or self.name)


class Document(models.Model):
    """A manual, a certificate, a form: of an instrument or of a test item; the laboratory's own unless it says so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="documents")
    test_item = models.ForeignKey(TestItem, models.CASCADE, null=True, blank=True, related_name="documents")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    name = models.CharField(_("file name"), max_length=120, help_text="kept here too, for the history of what is gone")
    title_zh = models.CharField(_("title (Chinese)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    readers = models.CharField(_("for whom"), max_length=10, choices=DocumentFor.choices, default=DocumentFor.LAB)
    added_at = models.DateTimeField(default=timezone.now)

    title = Bilingual("title")

    class Meta:
        verbose_name = _("document")
        ordering = ["title_zh", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(readers__in=DocumentFor.values), name="document_readers"),
            models.CheckConstraint(
                condition=Q(instrument=None, test_item__isnull=False) | Q(instrument__isnull=False, test_item=None),
                name="document_of_one_record",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def record(self) -> Instrument | TestItem:
        """Whose it is."""
        found = self.instrument or self.test_item
        assert found is not None  # `document_of_one_record`
        return found
