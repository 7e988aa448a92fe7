"""Operators as a resource: when they work, what they can run, and the time that bookings hold of them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.db import TimeRange
from common.interval import Interval
from instruments.models import Facility, Instrument

OPERATOR_FREE = "operator_free"


class Operator(models.Model):
    """That a person can be booked together with instruments of a facility; `instruments` are what they can run."""

    facility = models.ForeignKey(Facility, models.CASCADE, related_name="operators")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="operates_at")
    instruments = models.ManyToManyField(Instrument, related_name="operators", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["facility", "user"], name="operator_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.facility}"


class OperatorHours(models.Model):
    """One weekly stretch in which an operator works, in the facility's zone."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)])
    opens_minute = models.PositiveSmallIntegerField()
    closes_minute = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(1440)])

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="operator_hours_weekday"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=1440),
                name="operator_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} {self.weekday}"


class OperatorLeave(models.Model):
    """A time in which an operator is away."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="leave")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))

    class Meta:
        ordering = ["starts_at"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="leave_not_empty")]

    def __str__(self) -> str:
        return f"{self.operator} {self.starts_at:%Y-%m-%d}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


class OperatorClaim(models.Model):
    """Time of an operator that a booking holds: as with instruments, nobody is in two places at once.

    With a `change`, what a change that waits holds beside it.
    """

    booking = models.ForeignKey("Booking", models.CASCADE, related_name="operator_claims")
    change = models.ForeignKey("Change", models.CASCADE, null=True, blank=True, related_name="operator_claims")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="operator_claims")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["operator", "starts_at"], name="operator_claim_reads")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="operator_claim_not_empty"),
            ExclusionConstraint(
                name=OPERATOR_FREE,
                expressions=[
                    ("operator", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)
