"""How a city's records come in and stay fresh: imports, and rounds of collection (征集)."""

from __future__ import annotations

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from common.ids import new_id
from common.text import Bilingual
from instruments.models.instrument import Instrument
from instruments.querysets import ImportQuerySet, RoundQuerySet
from instruments.states import ImportState, TableFormat, Verdict
from records.models import Job


class InstrumentImport(models.Model):
    """A table of instruments that somebody handed in: looked through first, applied when they say so."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="instrument_imports")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    format = models.CharField(_("format"), max_length=8, choices=TableFormat.choices)
    file_name = models.CharField(max_length=200, blank=True)
    headers = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, help_text="header of the table → field of ours")
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.QUEUED)
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=500, blank=True)
    previewing = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    applying = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state"),
            models.CheckConstraint(condition=Q(format__in=TableFormat.values), name="import_format"),
        ]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("instrument_import", args=[self.pk])


class ImportRow(models.Model):
    """One line of such a table: what it holds, what it would do, why it cannot, and what became of it."""

    source = models.ForeignKey(InstrumentImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(help_text="of the table, the first after the header is 2")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    cells = models.JSONField(default=dict, help_text="the line as it came, for the file of wrong lines")
    fields = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="field → [before, after]")
    reasons = models.JSONField(default=list)
    instrument = models.ForeignKey(Instrument, models.SET_NULL, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["source", "line"], name="import_row_once"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="import_row_verdict"),
        ]
        indexes = [models.Index(fields=["source", "verdict", "line"], name="import_row_reads")]

    def __str__(self) -> str:
        return f"{self.line} {self.verdict}"


class ColumnMapping(models.Model):
    """Which header an organisation's tables use for which field: remembered from the last import."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    format = models.CharField(max_length=8, choices=TableFormat.choices)
    mapping = models.JSONField(default=dict)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "format"], name="one_mapping_per_format")]

    def __str__(self) -> str:
        return f"{self.organisation} {self.format}"


class CollectionRound(models.Model):
    """The city asks its institutions to confirm or bring up to date what the catalogue says of them (征集)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title_zh = models.CharField(_("title (Chinese)"), max_length=120)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    note_zh = models.TextField(_("what is asked (Chinese)"), max_length=5000, blank=True)
    note_en = models.TextField(_("what is asked (English)"), max_length=5000, blank=True)
    opened_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(_("deadline"))
    closed_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    title = Bilingual("title")
    note = Bilingual("note")
    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.title)

    def get_absolute_url(self) -> str:
        return reverse("round", args=[self.pk])


class RoundAnswer(models.Model):
    """One institution's part in a round: asked, reminded, answered."""

    round = models.ForeignKey(CollectionRound, models.CASCADE, related_name="answers")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "organisation"], name="one_answer_per_round")]

    def __str__(self) -> str:
        return f"{self.round} · {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("round_part", args=[self.round_id, self.organisation_id])
