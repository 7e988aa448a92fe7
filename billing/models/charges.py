"""What somebody owes for something that was used, and what they say against it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.models.wallets import FundCode, Hold, Wallet
from billing.querysets import ChargeQuerySet
from billing.states import OF_PAYER, Account, ChargeState, ObjectionOutcome, SettlementKind
from common.ids import new_id
from common.text import Bilingual
from instruments.models import Instrument, TestItem


class Charge(models.Model):
    """What one thing that was sold costs its payer. Its source owns it; billing does not know what it was for.

    Its amounts never change: what turns out wrong is refunded by new entries of the ledger.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="sold")
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="charges")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", help_text="who spent it"
    )
    fund_code = models.ForeignKey(FundCode, models.PROTECT, null=True, blank=True, related_name="charges")
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, blank=True, related_name="charge")
    account = models.CharField(
        max_length=8, choices=[(each.value, each.label) for each in OF_PAYER], default=Account.WALLET
    )
    settlement = models.CharField(max_length=10, choices=SettlementKind.choices)
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="charges")
    test_item = models.ForeignKey(TestItem, models.PROTECT, null=True, blank=True, related_name="charges")
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    used_on = models.DateField()
    price = models.JSONField(help_text="the frozen explanation, `pricing.Price.as_json`")
    currency = models.CharField(max_length=3, default="CNY")
    vat_rate = models.DecimalField(max_digits=5, decimal_places=2)
    net = models.DecimalField(max_digits=12, decimal_places=2)
    vat = models.DecimalField(max_digits=12, decimal_places=2)
    gross = models.DecimalField(max_digits=12, decimal_places=2)
    covered = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0), help_text="paid by a scheme")
    to_pay = models.DecimalField(max_digits=12, decimal_places=2)
    paid = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    refunded = models.DecimalField(max_digits=12, decimal_places=2, default=Decimal(0))
    state = models.CharField(max_length=10, choices=ChargeState.choices, default=ChargeState.OPEN)
    object_until = models.DateField(help_text="the last day on which the payer may object; silence is yes")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    objects = ChargeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(net__gte=0, vat__gte=0, gross=F("net") + F("vat")), name="charge_net_and_vat"
            ),
            models.CheckConstraint(
                condition=Q(covered__gte=0, to_pay__gte=0, gross=F("covered") + F("to_pay")), name="charge_shares"
            ),
            models.CheckConstraint(
                condition=Q(paid__gte=0, refunded__gte=0, refunded__lte=F("to_pay")), name="charge_refund"
            ),
            models.CheckConstraint(condition=Q(state__in=ChargeState.values), name="charge_state"),
            models.CheckConstraint(condition=Q(instrument=None) | Q(test_item=None), name="charge_of_one_thing"),
            models.CheckConstraint(condition=Q(account__in=OF_PAYER), name="charge_account"),
        ]
        indexes = [
            models.Index(fields=["seller", "used_on"], name="charge_of_seller"),
            models.Index(fields=["wallet", "-made_at", "-id"], name="charge_of_wallet"),
            models.Index(fields=["object_until"], condition=Q(state=ChargeState.OPEN), name="charge_to_agree"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.to_pay}"

    def get_absolute_url(self) -> str:
        return reverse("charge", args=[self.pk])

    @property
    def left(self) -> Decimal:
        """What of it is still owed or stands as paid: without what was given back."""
        return self.to_pay - self.refunded


class ChargeObjection(models.Model):
    """What a payer says against a charge, and what the seller answers. It holds that one charge only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charge = models.OneToOneField(Charge, models.PROTECT, related_name="objection")
    reason = models.CharField(_("reason"), max_length=1000)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    outcome = models.CharField(max_length=8, choices=ObjectionOutcome.choices, blank=True)
    answer = models.CharField(_("answer"), max_length=1000, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="charge_objection_has_reason"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None)
                | Q(outcome__in=ObjectionOutcome.values, decided_at__isnull=False),
                name="charge_objection_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.charge_id}: {self.reason[:40]}"
