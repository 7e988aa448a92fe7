"""Money that came in, and the fapiao that the tax system issues for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from billing.models.charges import Charge
from billing.models.invoices import Invoice
from billing.models.wallets import Wallet
from billing.querysets import FapiaoRequestQuerySet, PaymentQuerySet
from billing.states import FapiaoKind, FapiaoState, PaymentKind
from common.ids import new_id
from records.models import StoredFile


class Payment(models.Model):
    """Money that a seller received: for an invoice, for one charge, into a wallet, or nobody knows yet what for."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="payments", help_text="who received it")
    wallet = models.ForeignKey(
        Wallet, models.PROTECT, null=True, blank=True, related_name="payments", help_text="who paid; empty: unclaimed"
    )
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="payments")
    charge = models.ForeignKey(Charge, models.PROTECT, null=True, blank=True, related_name="payments")
    kind = models.CharField(max_length=10, choices=PaymentKind.choices)
    currency = models.CharField(max_length=3, default="CNY")
    amount = models.DecimalField(_("amount (CNY)"), max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("received on"))
    reference = models.CharField(_("payment reference"), max_length=120, blank=True)
    bank_ref = models.CharField(
        _("number of the bank's slip"), max_length=80, blank=True, help_text=_("the same slip counts once")
    )
    payer_words = models.CharField(max_length=200, blank=True, help_text="who it came from, as the bank says")
    slip = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+", help_text="回单")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = PaymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
            models.CheckConstraint(condition=Q(kind__in=PaymentKind.values), name="payment_kind"),
            models.CheckConstraint(condition=Q(invoice=None) | Q(charge=None), name="payment_one_aim"),
            models.UniqueConstraint(
                fields=["seller", "bank_ref"],
                condition=~Q(bank_ref=""),
                name="payment_bank_ref_once",
                violation_error_message=_("This slip of the bank was entered already."),
            ),
        ]
        indexes = [models.Index(fields=["seller", "-paid_on", "-id"], name="payment_of_seller")]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}"


class FapiaoRequest(models.Model):
    """What somebody wants on their fapiao, and what the tax system gave back; we issue none ourselves."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="fapiao_requests")
    kind = models.CharField(_("kind"), max_length=10, choices=FapiaoKind.choices, default=FapiaoKind.ORDINARY)
    title = models.CharField(_("title"), max_length=120)
    is_personal = models.BooleanField(_("for a person"), default=False)
    uscc = models.CharField(_("unified social credit code"), max_length=18, blank=True)
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    bank = models.CharField(_("bank"), max_length=120, blank=True)
    account = models.CharField(_("bank account"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(max_length=10, choices=FapiaoState.choices, default=FapiaoState.REQUESTED)
    number = models.CharField(_("fapiao number"), max_length=30, blank=True)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)

    objects = FapiaoRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=FapiaoKind.values), name="fapiao_kind"),
            models.CheckConstraint(condition=Q(state__in=FapiaoState.values), name="fapiao_state"),
            models.CheckConstraint(condition=Q(is_personal=True) | ~Q(uscc=""), name="fapiao_has_uscc"),
            models.CheckConstraint(
                condition=~Q(kind=FapiaoKind.SPECIAL)
                | Q(is_personal=False) & ~Q(address="") & ~Q(phone="") & ~Q(bank="") & ~Q(account=""),
                name="fapiao_special_is_complete",
            ),
            models.CheckConstraint(
                condition=Q(state=FapiaoState.REQUESTED) | ~Q(number="") & Q(issued_on__isnull=False),
                name="fapiao_numbered_when_issued",
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=~Q(state=FapiaoState.VOID), name="fapiao_one_per_invoice"
            ),
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="fapiao_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}".strip()
