"""Work that a laboratory does for somebody: the order, its samples and who had them, its results."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup
from billing.models import Charge, Hold
from billing.states import PayWhen
from common.ids import new_id
from instruments.models import Facility, Instrument, TestItem
from orders.models.request import Offer, Request
from orders.querysets import OrderQuerySet, ResultQuerySet, SampleQuerySet
from orders.states import Delivery, OrderState, SampleAfter, SampleState
from records.models import StoredFile

ONE_ORDER = "order_one_of_request"


class Order(models.Model):
    """What a laboratory is to do, for whom, at which frozen price; how it went is in its steps."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="orders")
    request = models.ForeignKey(Request, models.PROTECT, null=True, blank=True, related_name="orders")
    offer = models.OneToOneField(Offer, models.PROTECT, null=True, blank=True, related_name="order")
    test_item = models.ForeignKey(TestItem, models.PROTECT, null=True, blank=True, related_name="orders")
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="orders")
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="orders", verbose_name=_("firm")
    )
    group = models.ForeignKey(ResearchGroup, models.PROTECT, null=True, blank=True, related_name="orders")
    state = models.CharField(max_length=16, choices=OrderState.choices)
    title = models.CharField(max_length=120)
    note = models.CharField(_("remark"), max_length=1000, blank=True)
    answers = models.JSONField(default=list, blank=True)
    hazard = models.CharField(_("hazard"), max_length=300, blank=True)
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.MAIL)
    sample_after = models.CharField(max_length=8, choices=SampleAfter.choices, default=SampleAfter.RETURN)
    courier = models.CharField(_("courier"), max_length=40, blank=True)
    tracking = models.CharField(_("tracking number"), max_length=60, blank=True)
    price = models.JSONField(null=True, blank=True, help_text="frozen when it was ordered")
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, blank=True, related_name="order")
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="order")
    pay_when = models.CharField(max_length=20, choices=PayWhen.choices, default=PayWhen.AFTER_CONFIRMATION)
    results_by = models.DateField(null=True, blank=True)
    confirm_by = models.DateField(null=True, blank=True, help_text="silence until its end is a yes")
    external_ref = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state"),
            models.CheckConstraint(condition=Q(pay_when__in=PayWhen.values), name="order_pay_when"),
            models.UniqueConstraint(fields=["request"], condition=Q(request__isnull=False), name=ONE_ORDER),
        ]
        indexes = [
            models.Index(fields=["facility", "state"], name="order_of_facility"),
            models.Index(fields=["ordered_by", "-created_at"], name="order_of_person"),
            models.Index(
                fields=["confirm_by"], condition=Q(state=OrderState.RESULTS_RELEASED), name="order_to_confirm"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("order", args=[self.pk])

    @property
    def code(self) -> str:
        """What people call it by, on slips and labels."""
        return f"{timezone.localdate(self.created_at):%y%m%d}-{self.pk.hex[-6:].upper()}"


class OrderStep(models.Model):
    """One step on the way of an order: to which state, when, by whom (nobody: by itself), and what they said."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="steps")
    state = models.CharField(max_length=16, choices=OrderState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"


class Sample(models.Model):
    """One piece of what is sent in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, models.CASCADE, related_name="samples")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=SampleState.choices, default=SampleState.EXPECTED)
    condition = models.CharField(_("condition at receipt"), max_length=300, blank=True)
    external_ref = models.CharField(max_length=80, blank=True)

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="sample_number"),
            models.CheckConstraint(condition=Q(state__in=SampleState.values), name="sample_state"),
        ]

    def __str__(self) -> str:
        return f"{self.order.code}-{self.number:02}"


class Custody(models.Model):
    """That a sample came into somebody's hands or left them: append-only, so that the chain can be followed."""

    sample = models.ForeignKey(Sample, models.CASCADE, related_name="custody")
    state = models.CharField(max_length=10, choices=SampleState.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    place = models.CharField(_("place"), max_length=80, blank=True)
    note = models.CharField(_("remark"), max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "custody"
        ordering = ["at", "id"]
        triggers = [pgtrigger.Protect(name="custody_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.sample_id} {self.state}"


class Result(models.Model):
    """A file with results. Once it is released neither it nor its checksum ever changes, whoever asks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey(Order, models.PROTECT, related_name="results")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="result")
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    external_ref = models.CharField(max_length=80, blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    released_at = models.DateTimeField(null=True, blank=True)

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="result_sha256")]
        triggers = [
            pgtrigger.Protect(
                name="result_released_for_good",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__released_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_released(self) -> bool:
        return self.released_at is not None
