"""Funds that pay a share: who and what they are for, how much is left in the pool, and how it was spent."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.states import CustomerCategory
from billing.models.charges import Charge
from billing.models.wallets import Hold, Wallet
from billing.querysets import SchemeEntryQuerySet, SchemeQuerySet
from billing.states import PoolKind, SchemeMode
from common.ids import new_id
from common.text import Bilingual
from instruments.models import Category

NEVER_OVERSPENT, POOL_STANDS = "scheme_never_overspent", "scheme_entry_stands"


class Scheme(models.Model):
    """A subsidy (补贴政策): whose use of which instruments it pays for, which share, how much of it, and until when.

    `reserved` and `spent` are kept under its lock and can be recomputed from its entries; PostgreSQL keeps what is left
    from 0 up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    fund = models.ForeignKey(Organisation, models.PROTECT, related_name="schemes", help_text="who pays")
    name_zh = models.CharField(_("Chinese name"), max_length=120)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    mode = models.CharField(_("mode"), max_length=10, choices=SchemeMode.choices, default=SchemeMode.DEDUCT)
    begins = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    for_categories = ArrayField(
        models.CharField(max_length=16, choices=CustomerCategory.choices), verbose_name=_("for"), default=list
    )
    categories = models.ManyToManyField(
        Category, blank=True, related_name="schemes", verbose_name=_("categories of instruments"),
        help_text=_("none: all"),
    )  # fmt: skip
    least_original_value = models.DecimalField(
        _("original value of at least (CNY)"), max_digits=14, decimal_places=2, default=Decimal(0)
    )
    share = models.DecimalField(_("share (%)"), max_digits=5, decimal_places=2)
    cap_per_order = models.DecimalField(
        _("at most per order (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    cap_per_year = models.DecimalField(
        _("at most per payer and year (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    budget = models.DecimalField(_("budget (CNY)"), max_digits=14, decimal_places=2)
    reserved = models.DecimalField(_("reserved"), max_digits=14, decimal_places=2, default=Decimal(0))
    spent = models.DecimalField(_("spent"), max_digits=14, decimal_places=2, default=Decimal(0))
    is_open = models.BooleanField(_("open"), default=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    objects = SchemeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(begins__lte=F("ends")), name="scheme_window"),
            models.CheckConstraint(condition=Q(share__gt=0, share__lte=100), name="scheme_share"),
            models.CheckConstraint(condition=Q(mode__in=SchemeMode.values), name="scheme_mode"),
            models.CheckConstraint(
                condition=Q(reserved__gte=0, spent__gte=0, budget__gte=F("reserved") + F("spent")), name=NEVER_OVERSPENT
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    def get_absolute_url(self) -> str:
        return reverse("scheme", args=[self.pk])

    @property
    def left(self) -> Decimal:
        """What of the budget is neither spent nor reserved."""
        return self.budget - self.reserved - self.spent


class SchemeEntry(models.Model):
    """One movement of a pool: reserved for a hold, then spent on its charge or released; perhaps paid back later."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    scheme = models.ForeignKey(Scheme, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=8, choices=PoolKind.choices)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="subsidies", help_text="whose cost it bears")
    hold = models.ForeignKey(Hold, models.PROTECT, null=True, blank=True, related_name="subsidies")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="subsidies")
    year = models.PositiveSmallIntegerField(help_text="against whose cap it counts")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = SchemeEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "scheme entries"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="scheme_entry_positive"),
            models.CheckConstraint(condition=Q(kind__in=PoolKind.values), name="scheme_entry_kind"),
        ]
        indexes = [models.Index(fields=["scheme", "wallet", "year"], name="scheme_entry_of_payer")]
        triggers = [
            pgtrigger.Trigger(
                name=POOL_STANDS,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{POOL_STANDS}';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scheme_id} {self.kind} {self.amount}"
