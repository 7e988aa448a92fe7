"""Who pays: wallets, what is held in them, who may spend how much of it, and how they settle with a seller."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup
from billing.querysets import FundCodeQuerySet, HoldQuerySet, WalletQuerySet
from billing.states import OF_PAYER, Account, FundKind, HoldState, LimitPeriod, PayerKind, PayWhen, SettlementKind
from common.ids import new_id
from common.text import Bilingual

NEVER_OVERDRAWN = "wallet_never_overdrawn"


class Wallet(models.Model):
    """What a research group, an organisation or a person may spend: prepaid money, a credit line, or both.

    `balance` and `held` are kept by the services that write the ledger and the holds, under the wallet's lock; both can
    be recomputed from there. What is free is `balance - held + credit_line`, and PostgreSQL keeps it from 0 up.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.OneToOneField(ResearchGroup, models.PROTECT, null=True, blank=True, related_name="wallet")
    organisation = models.OneToOneField(Organisation, models.PROTECT, null=True, blank=True, related_name="wallet")
    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="wallet"
    )
    currency = models.CharField(max_length=3, default="CNY")
    balance = models.DecimalField(_("balance"), max_digits=14, decimal_places=2, default=Decimal(0))
    held = models.DecimalField(_("held"), max_digits=14, decimal_places=2, default=Decimal(0))
    credit_line = models.DecimalField(
        _("credit line"),
        max_digits=14,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)

    objects = WalletQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(group__isnull=False, organisation=None, person=None)
                | Q(group=None, organisation__isnull=False, person=None)
                | Q(group=None, organisation=None, person__isnull=False),
                name="wallet_one_owner",
            ),
            models.CheckConstraint(condition=Q(held__gte=0, credit_line__gte=0), name="wallet_not_negative"),
            models.CheckConstraint(condition=Q(balance__gte=F("held") - F("credit_line")), name=NEVER_OVERDRAWN),
        ]

    def __str__(self) -> str:
        return str(self.owner)

    def get_absolute_url(self) -> str:
        return reverse("wallet", args=[self.pk])

    @property
    def owner(self) -> ResearchGroup | Organisation | object:
        return self.group or self.organisation or self.person

    @property
    def name(self) -> str:
        """Whose it is, in the reader's language."""
        return str(self.owner)

    @property
    def free(self) -> Decimal:
        """What can still be spent."""
        return self.balance - self.held + self.credit_line


class WalletLimit(models.Model):
    """How much of a wallet one member may spend in a period; set by the principal investigator, or a firm's admin."""

    wallet = models.ForeignKey(Wallet, models.CASCADE, related_name="limits")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="wallet_limits")
    amount = models.DecimalField(
        _("at most (CNY)"), max_digits=14, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )
    period = models.CharField(_("within"), max_length=8, choices=LimitPeriod.choices, default=LimitPeriod.MONTH)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["wallet", "member"], name="wallet_limit_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="wallet_limit_not_negative"),
            models.CheckConstraint(condition=Q(period__in=LimitPeriod.values), name="wallet_limit_period"),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.amount}"


class FundCode(models.Model):
    """A project's number at an institution (经费项目号), by which its finance department books what is spent."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="fund_codes")
    code = models.CharField(_("project number"), max_length=60)
    name_zh = models.CharField(_("Chinese name"), max_length=120, blank=True)
    name_en = models.CharField(_("English name"), max_length=160, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=FundKind.choices, default=FundKind.VERTICAL)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="fund_codes")
    group = models.ForeignKey(
        ResearchGroup, models.PROTECT, null=True, blank=True, related_name="fund_codes",
        help_text="whose members may choose it",
    )  # fmt: skip
    delegates = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    until = models.DateField(_("valid until"), null=True, blank=True)
    limit = models.DecimalField(_("at most (CNY)"), max_digits=14, decimal_places=2, null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)

    name = Bilingual("name")
    objects = FundCodeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "code"],
                name="fund_code_once",
                violation_error_message=_("This project number is entered already."),
            ),
            models.CheckConstraint(condition=Q(limit=None) | Q(limit__gte=0), name="fund_code_limit"),
            models.CheckConstraint(condition=Q(kind__in=FundKind.values), name="fund_code_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Hold(models.Model):
    """Money that is kept for something to come: it can be spent on nothing else until it is released or charged.

    Where a payer pays each time (`owed`), nothing of the wallet is kept, and the row only says what will be owed.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    wallet = models.ForeignKey(Wallet, models.PROTECT, related_name="holds")
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", help_text="who spends it"
    )
    fund_code = models.ForeignKey(FundCode, models.PROTECT, null=True, blank=True, related_name="holds")
    account = models.CharField(
        max_length=8, choices=[(each.value, each.label) for each in OF_PAYER], default=Account.WALLET
    )
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    state = models.CharField(max_length=8, choices=HoldState.choices, default=HoldState.HELD)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="hold_not_negative"),
            models.CheckConstraint(condition=Q(state__in=HoldState.values), name="hold_state"),
            models.CheckConstraint(condition=Q(account__in=OF_PAYER), name="hold_account"),
            models.CheckConstraint(
                condition=Q(state=HoldState.HELD, ended_at=None) | ~Q(state=HoldState.HELD) & Q(ended_at__isnull=False),
                name="hold_ended",
            ),
        ]
        indexes = [models.Index(fields=["wallet", "member"], condition=Q(state=HoldState.HELD), name="hold_live")]

    def __str__(self) -> str:
        return f"{self.wallet_id} {self.amount} {self.state}"


class Settlement(models.Model):
    """How one kind of payer, or one payer alone, settles with a seller, and when; see `USUAL_SETTLEMENT`."""

    seller = models.ForeignKey(Organisation, models.CASCADE, related_name="settlements")
    payer_kind = models.CharField(_("payer"), max_length=12, choices=PayerKind.choices)
    wallet = models.ForeignKey(
        Wallet, models.CASCADE, null=True, blank=True, related_name="settlements", help_text="for this payer alone"
    )
    kind = models.CharField(_("settles by"), max_length=10, choices=SettlementKind.choices)
    pay_when = models.CharField(_("when"), max_length=20, choices=PayWhen.choices, default=PayWhen.AFTER_CONFIRMATION)
    overdue_days = models.PositiveSmallIntegerField(
        _("no new bookings when overdue by (days)"), default=30, help_text=_("0: never")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seller", "payer_kind"], condition=Q(wallet=None), name="settlement_once"),
            models.UniqueConstraint(fields=["seller", "wallet"], name="settlement_once_per_payer"),
            models.CheckConstraint(condition=Q(kind__in=SettlementKind.values), name="settlement_kind"),
            models.CheckConstraint(condition=Q(payer_kind__in=PayerKind.values), name="settlement_payer_kind"),
            models.CheckConstraint(condition=Q(pay_when__in=PayWhen.values), name="settlement_pay_when"),
        ]

    def __str__(self) -> str:
        return f"{self.seller} {self.payer_kind}: {self.kind}"
