"""Who uses what, when: the policy and hours of instruments, bookings, and the time that they hold."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.querysets import BookingQuerySet, ClaimQuerySet, OpeningHoursQuerySet
from bookings.states import CancelledAs, Purpose, State
from common.db import TimeRange
from common.ids import new_id
from common.interval import Interval
from instruments.models import Facility, Instrument

NO_OVERLAP = "claim_no_overlap"
LONGEST_CLAIM = timedelta(days=31)
ONE_OWNER = Q(facility=None, instrument__isnull=False) | Q(facility__isnull=False, instrument=None)


class Policy(models.Model):
    """How time may be booked at a facility, or on one instrument of it: the instrument's own row wins."""

    facility = models.OneToOneField(Facility, models.CASCADE, null=True, blank=True, related_name="policy")
    instrument = models.OneToOneField(Instrument, models.CASCADE, null=True, blank=True, related_name="policy")
    step_minutes = models.PositiveSmallIntegerField(_("step (min)"), default=30)
    shortest_minutes = models.PositiveIntegerField(_("shortest booking (min)"), default=30)
    longest_minutes = models.PositiveIntegerField(_("longest booking (min)"), default=480)
    lead_minutes = models.PositiveIntegerField(_("lead time (min)"), default=0)
    horizon_days = models.PositiveSmallIntegerField(_("horizon (days)"), default=30)
    buffer_before_minutes = models.PositiveSmallIntegerField(_("buffer before (min)"), default=0)
    buffer_after_minutes = models.PositiveSmallIntegerField(_("buffer after (min)"), default=0)
    needs_approval = models.BooleanField(_("needs approval"), default=True)
    needs_training = models.BooleanField(_("needs training"), default=False)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="policy_one_owner"),
            models.CheckConstraint(
                condition=Q(step_minutes__in=[5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440]),
                name="policy_step_divides_a_day",
            ),
            models.CheckConstraint(
                condition=Q(shortest_minutes__gte=F("step_minutes")) & Q(longest_minutes__gte=F("shortest_minutes")),
                name="policy_lengths",
            ),
            models.CheckConstraint(condition=Q(longest_minutes__lte=30 * 1440), name="policy_longest"),
            models.CheckConstraint(condition=Q(horizon_days__range=(1, 730)), name="policy_horizon"),
            models.CheckConstraint(
                condition=Q(buffer_before_minutes__lte=720, buffer_after_minutes__lte=720), name="policy_buffers"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument or self.facility}"


class OpeningHours(models.Model):
    """One weekly stretch in which an instrument or a facility is open, in the facility's zone."""

    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="opening_hours")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(validators=[MaxValueValidator(6)], help_text="0 is Monday")
    opens_minute = models.PositiveSmallIntegerField(help_text="minutes after midnight")
    closes_minute = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(1440)], help_text="minutes after midnight; 1440 is 24:00"
    )

    objects = OpeningHoursQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "opening hours"
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="hours_one_owner"),
            models.CheckConstraint(condition=Q(weekday__range=(0, 6)), name="hours_weekday"),
            models.CheckConstraint(
                condition=Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=1440), name="hours_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument or self.facility} {self.weekday}"


class Training(models.Model):
    """That a person was shown how to use an instrument and may do so alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="trainings")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="trainings")
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "instrument"], name="training_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.instrument}"


class Booking(models.Model):
    """That somebody wants, has, had or lost the use of an instrument from `starts_at` up to `ends_at`.

    The booked time is without buffers; what is held, buffers included, are its claims.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="bookings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings")
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.RESEARCH)
    title = models.CharField(max_length=120, blank=True)
    answers = models.JSONField(default=list, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="why it was declined or cancelled")
    cancelled_as = models.CharField(max_length=8, choices=CancelledAs.choices, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    day_reminder_at = models.DateTimeField(null=True, blank=True)
    hour_reminder_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = BookingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="booking_not_empty"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="booking_state"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="booking_purpose"),
            models.CheckConstraint(
                condition=~Q(state=State.DECLINED) | ~Q(reason=""), name="booking_declined_has_reason"
            ),
            models.CheckConstraint(
                condition=Q(cancelled_as="") | Q(state=State.CANCELLED, cancelled_as__in=CancelledAs.values),
                name="booking_cancelled_as",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-starts_at"], name="booking_of_user"),
            models.Index(fields=["instrument", "starts_at"], name="booking_of_instrument"),
            models.Index(fields=["-created_at", "-id"], name="booking_pages"),
            models.Index(fields=["instrument", "starts_at"], condition=Q(state=State.REQUESTED), name="booking_inbox"),
            models.Index(fields=["ends_at"], condition=Q(state=State.CONFIRMED), name="booking_to_complete"),
            models.Index(fields=["starts_at"], condition=Q(state=State.CONFIRMED), name="booking_to_remind"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.starts_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("booking", args=[self.pk])

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


class Claim(models.Model):
    """Time held on one instrument, from `starts_at` up to but not including `ends_at`.

    A row exists exactly while time is held or was used: releasing time deletes or shortens it.
    """

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="claims")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="claims", db_index=False)
    unit = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["instrument", "unit", "starts_at"], name="claim_reads")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="claim_not_empty"),
            models.CheckConstraint(condition=Q(ends_at__lte=F("starts_at") + LONGEST_CLAIM), name="claim_not_too_long"),
            ExclusionConstraint(
                name=NO_OVERLAP,
                expressions=[
                    ("instrument", RangeOperators.EQUAL),
                    ("unit", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_id} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)
