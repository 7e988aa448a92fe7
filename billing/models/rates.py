"""What a unit costs, for whom, from which day on; and the VAT within it."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from accounts.states import CustomerCategory
from billing.querysets import RateQuerySet, VatRateQuerySet
from billing.states import Basis
from instruments.models import Facility, Instrument, TestItem

RATE_ONCE, ITEM_RATE_ONCE = "rate_once_per_begin", "rate_of_item_once_per_begin"
BEGINS_ALREADY = _("A rate begins on this day already.")
USED_RATE_STANDS = "rate_used_stands"


class Rate(models.Model):
    """What a unit costs a customer category, VAT included, from `begins` on, until a later one begins.

    There is no end date, so there can be neither gap nor overlap. One that was used is never changed.
    """

    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="rates")
    test_item = models.ForeignKey(TestItem, models.PROTECT, null=True, blank=True, related_name="rates")
    category = models.CharField(_("for"), max_length=16, choices=CustomerCategory.choices)
    basis = models.CharField(_("per"), max_length=16, choices=Basis.choices)
    begins = models.DateField(_("from"))
    amount = models.DecimalField(
        _("price with VAT (CNY)"), max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    minimum = models.DecimalField(
        _("at least"), max_digits=8, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(Decimal(0))],
        help_text=_("units that are charged in any case"),
    )  # fmt: skip
    step = models.DecimalField(
        _("rounded up to"), max_digits=8, decimal_places=2, default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))], help_text=_("0: exactly"),
    )  # fmt: skip
    peaks = models.JSONField(
        default=list, blank=True, help_text="dearer or cheaper hours: [{weekdays, from_minute, to_minute, factor}]"
    )
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    first_used_at = models.DateTimeField(null=True, blank=True, help_text="when a price was first frozen by it")

    objects = RateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(instrument__isnull=False, test_item=None) | Q(instrument=None, test_item__isnull=False),
                name="rate_one_thing",
            ),
            models.UniqueConstraint(
                fields=["instrument", "category", "basis", "begins"],
                condition=Q(test_item=None),
                name=RATE_ONCE,
                violation_error_message=BEGINS_ALREADY,
            ),
            models.UniqueConstraint(
                fields=["test_item", "category", "basis", "begins"],
                condition=Q(instrument=None),
                name=ITEM_RATE_ONCE,
                violation_error_message=BEGINS_ALREADY,
            ),
            models.CheckConstraint(condition=Q(amount__gte=0, minimum__gte=0, step__gte=0), name="rate_not_negative"),
            models.CheckConstraint(condition=Q(category__in=CustomerCategory.values), name="rate_category"),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="rate_basis"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name=USED_RATE_STANDS,
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.first_used_at IS NULL AND
                       to_jsonb(NEW) - 'first_used_at' = to_jsonb(OLD) - 'first_used_at' THEN RETURN NEW; END IF;
                    IF TG_OP = 'DELETE' AND OLD.first_used_at IS NULL THEN RETURN OLD; END IF;
                    RAISE EXCEPTION 'a rate is never changed, and one that was used never removed'
                        USING ERRCODE = 'check_violation', CONSTRAINT = '{USED_RATE_STANDS}';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thing} {self.category} {self.basis} {self.begins}"

    @property
    def thing(self) -> Instrument | TestItem:
        """What it is the price of."""
        found = self.instrument or self.test_item
        assert found
        return found

    @property
    def facility(self) -> Facility:
        return self.thing.facility


class VatRate(models.Model):
    """The VAT, in percent, that is within a seller's prices from `begins` on."""

    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="vat_rates")
    percent = models.DecimalField(_("VAT (%)"), max_digits=5, decimal_places=2)
    begins = models.DateField(_("from"))
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = VatRateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "begins"], name="vat_rate_once_per_begin"),
            models.CheckConstraint(condition=Q(percent__gte=0, percent__lt=100), name="vat_rate_percent"),
        ]

    def __str__(self) -> str:
        return f"{self.seller} {self.percent} % {self.begins}"
