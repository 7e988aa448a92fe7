"""What really happened: use with and without a booking, and what broke."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup
from bookings.querysets import FaultQuerySet, UsageQuerySet
from bookings.states import Severity, Source
from common.ids import new_id
from instruments.models import Instrument
from instruments.states import Status


class UsageRecord(models.Model):
    """One use of an instrument: of a booking, or without one. `ends_at` is empty while it goes on.

    Where only a length is known (an old logbook), `minutes` says it and `ends_at` is `starts_at` plus that length.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="usage")
    booking = models.ForeignKey("Booking", models.PROTECT, null=True, blank=True, related_name="usage")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="usage")
    user_name = models.CharField(_("who used it"), max_length=80, blank=True, help_text="for people without an account")
    group = models.ForeignKey(ResearchGroup, models.PROTECT, null=True, blank=True, related_name="usage")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"), null=True, blank=True)
    samples = models.PositiveIntegerField(_("samples"), null=True, blank=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    reason = models.CharField(_("why entered late"), max_length=200, blank=True)
    note = models.CharField(_("condition, remarks"), max_length=500, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    external_ref = models.CharField(max_length=80, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = UsageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gt=F("starts_at")), name="usage_ends_after_it_starts"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="usage_source"),
            models.UniqueConstraint(
                fields=["booking"], condition=Q(ends_at=None, booking__isnull=False), name="usage_one_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["entered_by", "external_ref"], condition=~Q(external_ref=""), name="usage_external_ref_once"
            ),
        ]
        indexes = [
            models.Index(fields=["instrument", "-starts_at"], name="usage_of_instrument"),
            models.Index(
                fields=["instrument"], condition=~Q(problem="") & Q(settled_at=None), name="usage_with_problems"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def length(self) -> timedelta | None:
        return self.ends_at - self.starts_at if self.ends_at else None


class Fault(models.Model):
    """That something is wrong with an instrument. An open severe one closes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="faults")
    severity = models.CharField(_("severity"), max_length=8, choices=Severity.choices)
    text = models.CharField(_("what is wrong"), max_length=1000)
    closes_instrument = models.BooleanField(default=False)
    status_before = models.CharField(max_length=12, choices=Status.choices, blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField(default=timezone.now)
    mended_at = models.DateTimeField(null=True, blank=True)
    mended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    remedy = models.CharField(_("what was done"), max_length=1000, blank=True)

    objects = FaultQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="fault_severity"),
            models.CheckConstraint(
                condition=Q(closes_instrument=False) | Q(severity=Severity.SEVERE), name="fault_only_severe_closes"
            ),
        ]
        indexes = [
            models.Index(fields=["instrument", "-reported_at"], condition=Q(mended_at=None), name="fault_open"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument}: {self.text[:40]}"

    def get_absolute_url(self) -> str:
        return reverse("faults", args=[self.instrument.slug])
