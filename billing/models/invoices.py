"""What is asked for in writing: runs, invoices with their lines and numbers, credit notes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.models.charges import Charge
from billing.models.wallets import FundCode, Wallet
from billing.querysets import InvoiceQuerySet, InvoiceRunQuerySet
from billing.states import InvoiceState, LineState, RunState, Series, SettlementKind
from common.ids import new_id
from common.text import Bilingual
from records.models import Job, StoredFile

ISSUED_STANDS, NUMBER_ONCE, CHARGE_ONCE = "invoice_issued_stands", "invoice_number_once", "invoice_line_charge_once"
# What may still change of an invoice that is out: how it stands with its payment, and its file.
MOVES_ON = (
    "state",
    "paid",
    "credited",
    "due_on",
    "reminded_days",
    "reminded_at",
    "pdf_id",
    "voucher",
    "updated_at",
    "version",
)


class InvoiceCounter(models.Model):
    """The last number given: one row per institution, series and year, locked in the transaction that issues."""

    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    series = models.CharField(max_length=12, choices=Series.choices)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["seller", "series", "year"], name="invoice_counter_once")]

    def __str__(self) -> str:
        return f"{self.seller_id} {self.series} {self.year}: {self.last}"


class Letterhead(models.Model):
    """What an institution prints on its invoices about itself, and how many days it gives to pay them."""

    seller = models.OneToOneField(Organisation, models.CASCADE, related_name="letterhead")
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    bank = models.CharField(_("bank"), max_length=120, blank=True)
    account = models.CharField(_("bank account"), max_length=60, blank=True)
    office = models.CharField(_("finance office"), max_length=120, blank=True, help_text=_("whom payers may ask"))
    days_to_pay = models.PositiveSmallIntegerField(
        _("days to pay"), default=30, validators=[MinValueValidator(1), MaxValueValidator(180)]
    )

    def __str__(self) -> str:
        return str(self.seller)


class InvoiceRun(models.Model):
    """All invoices of an institution for one month: drafts to be looked through, then issued together."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="invoice_runs")
    month = models.DateField(help_text="its first day")
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.DRAFT)
    drafted_at = models.DateTimeField(null=True, blank=True)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    problems = models.JSONField(
        default=list, blank=True, help_text="what could not be invoiced: [{charge, code, detail}]"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)

    objects = InvoiceRunQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "month"], condition=Q(state=RunState.DRAFT), name="invoice_run_one_draft"
            ),
            models.CheckConstraint(condition=Q(state__in=RunState.values), name="invoice_run_state"),
            models.CheckConstraint(condition=Q(month__day=1), name="invoice_run_month"),
        ]

    def __str__(self) -> str:
        return f"{self.seller} {self.month:%Y-%m}"


class Invoice(models.Model):
    """A statement of what a payer owes a seller (结算单; it is no fapiao). Once issued it never changes."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="invoices")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="invoices", help_text="who pays")
    run = models.ForeignKey(InvoiceRun, models.PROTECT, null=True, blank=True, related_name="invoices")
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    settlement = models.CharField(max_length=10, choices=SettlementKind.choices)
    fund_code = models.ForeignKey(FundCode, models.PROTECT, null=True, blank=True, related_name="invoices")
    state = models.CharField(max_length=10, choices=InvoiceState.choices, default=InvoiceState.DRAFT)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True, help_text="without gaps, per institution and year")
    reference = models.CharField(max_length=40, blank=True, help_text="what the payer writes on the transfer")
    seller_words = models.JSONField(default=dict, help_text="name, code, bank and so on, as they were when issued")
    payer_words = models.JSONField(default=dict)
    from_day = models.DateField()
    to_day = models.DateField()
    currency = models.CharField(max_length=3, default="CNY")
    net = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    vat = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    gross = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    covered = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    to_pay = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    paid = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    credited = models.DecimalField(max_digits=14, decimal_places=2, default=Decimal(0))
    issued_on = models.DateField(null=True, blank=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    reminded_days = models.PositiveSmallIntegerField(default=0, help_text="the last step of dunning: 15, 30 or 60")
    reminded_at = models.DateTimeField(null=True, blank=True)
    voucher = models.CharField(max_length=60, blank=True, help_text="the number that came back of an internal transfer")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "year", "number"], condition=Q(number__isnull=False), name=NUMBER_ONCE
            ),
            models.UniqueConstraint(fields=["reference"], condition=~Q(reference=""), name="invoice_reference_once"),
            models.CheckConstraint(condition=Q(state__in=InvoiceState.values), name="invoice_state"),
            models.CheckConstraint(
                condition=Q(state__in=[InvoiceState.DRAFT, InvoiceState.DROPPED], number=None)
                | ~Q(state__in=[InvoiceState.DRAFT, InvoiceState.DROPPED])
                & Q(number__gte=1, year__isnull=False, issued_on__isnull=False)
                & ~Q(reference=""),
                name="invoice_numbered_when_issued",
            ),
            models.CheckConstraint(condition=Q(gross=F("net") + F("vat")), name="invoice_net_and_vat"),
            models.CheckConstraint(condition=Q(gross=F("covered") + F("to_pay")), name="invoice_shares"),
            models.CheckConstraint(condition=Q(paid__gte=0, credited__gte=0), name="invoice_paid_not_negative"),
        ]
        indexes = [
            models.Index(fields=["seller", "-issued_on", "-id"], name="invoice_of_seller"),
            models.Index(fields=["wallet", "-made_at", "-id"], name="invoice_of_wallet"),
            models.Index(
                fields=["wallet", "due_on"], condition=Q(state__in=["issued", "part_paid"]), name="invoice_unpaid"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=ISSUED_STANDS,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__number__isnull=False),
                func=f"""
                    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - '{{{",".join(MOVES_ON)}}}'::text[] =
                       to_jsonb(OLD) - '{{{",".join(MOVES_ON)}}}'::text[] THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'an issued invoice is never changed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{ISSUED_STANDS}';
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.reference or f"{self.wallet} {self.from_day:%Y-%m}"

    def get_absolute_url(self) -> str:
        return reverse("invoice", args=[self.pk])

    @property
    def label(self) -> str:
        """Its number as people say it: 2026-00012; '' of a draft."""
        return f"{self.year}-{self.number:05}" if self.number else ""

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid of it."""
        return self.to_pay - self.paid - self.credited


def _of_issued(name: str, operation: Any, *, wrong: str, **tables: str) -> pgtrigger.Trigger:
    """Refuses a statement whose `wrong` lines are of an issued invoice; once for a statement, however many its lines.

    For each line PostgreSQL may keep a plan from when there were no invoices yet, and read through all of them.
    """
    return pgtrigger.Trigger(
        name=f"invoice_line_issued_stands_{name}",
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(**tables),
        func=f"""
            IF EXISTS (SELECT FROM billing_invoice WHERE number IS NOT NULL AND id IN ({wrong})) THEN
                RAISE EXCEPTION 'a line of an issued invoice is never changed'
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{ISSUED_STANDS}';
            END IF;
            RETURN NULL;
        """,
    )


class InvoiceLine(models.Model):
    """One charge on an invoice, in the words and figures of the day on which it was put there."""

    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    charge = models.ForeignKey(Charge, models.PROTECT, related_name="invoice_lines")
    position = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.INCLUDED)
    counts = models.BooleanField(default=True, help_text="off when it was left out, or its invoice was credited")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    used_on = models.DateField()
    fund_code = models.CharField(max_length=60, blank=True)
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    vat = models.DecimalField(max_digits=12, decimal_places=2)
    gross = models.DecimalField(max_digits=12, decimal_places=2)
    covered = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    to_pay = models.DecimalField(max_digits=12, decimal_places=2)

    name = Bilingual("name")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="invoice_line_position"),
            models.UniqueConstraint(fields=["charge"], condition=Q(counts=True), name=CHARGE_ONCE),
            models.CheckConstraint(condition=Q(state__in=LineState.values), name="invoice_line_state"),
            models.CheckConstraint(condition=Q(gross=F("net") + F("vat")), name="invoice_line_net_and_vat"),
            models.CheckConstraint(condition=Q(gross=F("covered") + F("to_pay")), name="invoice_line_shares"),
        ]
        triggers = [
            _of_issued("insert", pgtrigger.Insert, new="new_lines", wrong="SELECT invoice_id FROM new_lines"),
            _of_issued("delete", pgtrigger.Delete, old="old_lines", wrong="SELECT invoice_id FROM old_lines"),
            # A credit note frees the charge for another invoice; nothing else of a line moves on.
            _of_issued(
                "update",
                pgtrigger.Update,
                old="old_lines",
                new="new_lines",
                wrong="""
                    SELECT unnest(ARRAY[old_lines.invoice_id, new_lines.invoice_id])
                    FROM new_lines JOIN old_lines USING (id)
                    WHERE new_lines.counts OR to_jsonb(new_lines) - 'counts' <> to_jsonb(old_lines) - 'counts'
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.name}"
