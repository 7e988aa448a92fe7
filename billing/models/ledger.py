"""The books: entries of several legs which together are nothing, written once and never touched again."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from billing.models.charges import Charge
from billing.models.schemes import Scheme
from billing.models.wallets import Wallet
from billing.querysets import LedgerEntryQuerySet, LedgerLegQuerySet
from billing.states import OF_PAYER, OF_SELLER, Account, EntryKind
from common.ids import new_id

BALANCED, STANDS = "ledger_balanced", "ledger_stands"


def stands(name: str) -> pgtrigger.Trigger:
    """A trigger that refuses every UPDATE and DELETE of a table."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=f"""
            RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
        """,
    )


def balanced(column: str) -> pgtrigger.Trigger:
    """At COMMIT an entry has legs, and in each currency they are nothing together. `column` names the entry in NEW."""
    return pgtrigger.Trigger(
        name=BALANCED,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=f"""
            IF NOT EXISTS (SELECT 1 FROM billing_ledgerleg WHERE entry_id = NEW.{column}) OR EXISTS (
                SELECT 1 FROM billing_ledgerleg WHERE entry_id = NEW.{column} GROUP BY currency HAVING SUM(amount) <> 0
            ) THEN
                RAISE EXCEPTION 'the legs of entry % are not balanced', NEW.{column}
                    USING ERRCODE = 'check_violation', CONSTRAINT = '{BALANCED}';
            END IF;
            RETURN NULL;
        """,  # noqa: S608 (our own names)
    )


class LedgerEntry(models.Model):
    """One thing that happened to money. What was wrong is set right by another entry, never by changing this one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=EntryKind.choices)
    booked_on = models.DateField(help_text="the day, and so the month, in which it counts")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="entries")
    payment = models.ForeignKey("Payment", models.PROTECT, null=True, blank=True, related_name="entries")
    credit_note = models.ForeignKey("CreditNote", models.PROTECT, null=True, blank=True, related_name="entries")
    reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = LedgerEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "ledger entries"
        constraints = [models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_entry_kind")]
        indexes = [models.Index(fields=["booked_on"], name="ledger_entry_by_day")]
        triggers = [stands(STANDS), balanced("id")]

    def __str__(self) -> str:
        return f"{self.kind} {self.booked_on}"


class LedgerLeg(models.Model):
    """What an entry adds to one account (or, below zero, takes from it).

    A payer's wallet grows when it is paid into and falls when it is charged; income, VAT, money received and a fund's
    pool are the other sides of that.
    """

    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="legs")
    account = models.CharField(max_length=8, choices=Account.choices)
    wallet = models.ForeignKey(Wallet, models.PROTECT, null=True, blank=True, related_name="legs")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="legs")
    scheme = models.ForeignKey(Scheme, models.PROTECT, null=True, blank=True, related_name="legs")
    currency = models.CharField(max_length=3, default="CNY")
    amount = models.DecimalField(max_digits=14, decimal_places=2)

    objects = LedgerLegQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="ledger_leg_not_zero"),
            models.CheckConstraint(
                condition=Q(account__in=OF_PAYER, wallet__isnull=False, scheme=None)
                | Q(account__in=OF_SELLER, wallet=None, organisation__isnull=False, scheme=None)
                | Q(account=Account.SCHEME, wallet=None, organisation=None, scheme__isnull=False),
                name="ledger_leg_account",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "account"], name="ledger_of_wallet")]
        triggers = [stands(STANDS), balanced("entry_id")]

    def __str__(self) -> str:
        return f"{self.account} {self.amount}"
