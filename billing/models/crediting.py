"""What is taken back of invoices."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation
from billing.models.invoices import Invoice
from billing.querysets import CreditNoteQuerySet
from common.ids import new_id


class CreditNote(models.Model):
    """What an institution takes back of an invoice (红字), wholly or in part; numbered in its own series."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="credit_notes")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="credit_notes")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    lines = models.JSONField(default=list, help_text="[{position, net, vat, gross, covered, to_pay}]")
    net = models.DecimalField(max_digits=14, decimal_places=2)
    vat = models.DecimalField(max_digits=14, decimal_places=2)
    gross = models.DecimalField(max_digits=14, decimal_places=2)
    to_pay = models.DecimalField(max_digits=14, decimal_places=2)
    reason = models.CharField(max_length=500)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = CreditNoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "year", "number"], name="credit_note_number_once"),
            models.CheckConstraint(condition=Q(gross__gt=0, gross=F("net") + F("vat")), name="credit_note_amounts"),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_note_has_reason"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="credit_note_stands",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    RAISE EXCEPTION 'a credit note is never changed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'credit_note_stands';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.label}"

    @property
    def label(self) -> str:
        return f"{self.year}-{self.number:05}"
