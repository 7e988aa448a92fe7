"""When instruments are open: weekly hours, days that differ, closures."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.states import CustomerCategory
from bookings.models.owner import ONE_OWNER, OfFacilityOrInstrument
from bookings.querysets import OpeningHoursQuerySet, OwnedQuerySet
from common.ids import new_id
from common.interval import Interval
from common.text import Bilingual


class OpeningHours(OfFacilityOrInstrument):
    """One weekly stretch in which an instrument or a facility is open, in the facility's zone."""

    category = models.CharField(_("for"), max_length=16, choices=CustomerCategory.choices, blank=True)
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
        return f"{self.owner} {self.weekday}"


class HoursException(OfFacilityOrInstrument):
    """A stretch of one day that differs from the week: open at other hours, or (both empty) closed."""

    day = models.DateField(_("day"))
    opens_minute = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(1439)])
    closes_minute = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    reason_zh = models.CharField(_("reason (Chinese)"), max_length=120, blank=True)
    reason_en = models.CharField(_("reason (English)"), max_length=160, blank=True)

    reason = Bilingual("reason")
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["day", "opens_minute"]
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="exception_one_owner"),
            models.CheckConstraint(
                condition=Q(opens_minute=None, closes_minute=None)
                | Q(opens_minute__lt=F("closes_minute"), closes_minute__lte=1440),
                name="exception_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.day}"


class Closure(OfFacilityOrInstrument):
    """A time in which nothing can be booked, whatever the hours say."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    reason_zh = models.CharField(_("reason (Chinese)"), max_length=120)
    reason_en = models.CharField(_("reason (English)"), max_length=160, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    reason = Bilingual("reason")
    objects = OwnedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        constraints = [
            models.CheckConstraint(condition=ONE_OWNER, name="closure_one_owner"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="closure_not_empty"),
        ]
        indexes = [
            models.Index(fields=["instrument", "ends_at"], name="closure_of_instrument"),
            models.Index(fields=["facility", "ends_at"], name="closure_of_facility"),
        ]

    def __str__(self) -> str:
        return f"{self.owner} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)
