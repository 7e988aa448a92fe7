"""When a programme is held: the time of instruments and rooms, the mentors, who sees to safety."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from bookings.models import Booking
from common.db import TimeRange
from common.ids import new_id
from common.interval import Interval
from instruments.models import Instrument
from outreach.models.programme import Programme
from outreach.querysets import AssignmentQuerySet, NeedQuerySet, SessionQuerySet
from outreach.states import SessionState

NOT_OVERFULL, MENTOR_FREE = "session_not_overfull", "mentor_free"
ZONE = "Asia/Shanghai"


class Session(models.Model):
    """One time that a programme is held. `taken` counts the places that enrolments hold: never more than `places`."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="sessions")
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.DRAFT)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("to"))
    places = models.PositiveSmallIntegerField(_("places"))
    taken = models.PositiveSmallIntegerField(default=0)
    last_in_line = models.PositiveIntegerField(default=0, help_text="the number that the last who came was given")
    published_at = models.DateTimeField(null=True, blank=True)
    flagged_at = models.DateTimeField(null=True, blank=True, help_text="since when something that it needs is missing")
    reason = models.CharField(max_length=500, blank=True, help_text="why it was cancelled")
    erase_on = models.DateField(null=True, blank=True, help_text="when the children's data is erased")
    erased_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True, help_text="how many enrolments in each state, kept for good")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=SessionState.values), name="session_state"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="session_not_empty"),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("starts_at") + timedelta(days=31)), name="session_not_too_long"
            ),
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name=NOT_OVERFULL),
            models.CheckConstraint(
                condition=Q(state__in=[SessionState.DRAFT, SessionState.CANCELLED]) | Q(published_at__isnull=False),
                name="session_published_at",
            ),
        ]
        indexes = [
            models.Index(fields=["programme", "starts_at"], name="session_of_programme"),
            models.Index(fields=["-created_at", "-id"], name="session_pages"),
            models.Index(fields=["ends_at"], condition=Q(state=SessionState.PUBLISHED), name="session_to_watch"),
        ]

    def __str__(self) -> str:
        return f"{self.programme} {self.starts_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("youth_session", args=[self.pk])

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def places_left(self) -> int:
        return self.places - self.taken

    @property
    def first_day(self) -> date:
        return timezone.localtime(self.starts_at).date()

    @property
    def days(self) -> list[date]:
        """Its days, in Dalian."""
        last = timezone.localtime(self.ends_at - timedelta(microseconds=1)).date()
        return [self.first_day + timedelta(days=n) for n in range((last - self.first_day).days + 1)]


class SessionNeed(models.Model):
    """An instrument or room that a session needs, and the booking that holds its time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.CASCADE, related_name="needs")
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    booking = models.OneToOneField(Booking, models.PROTECT, null=True, blank=True, related_name="+")

    objects = NeedQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        constraints = [models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="need_not_empty")]

    def __str__(self) -> str:
        return f"{self.instrument} {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


class Mentor(models.Model):
    """That a person guides young people for an organisation, and on which day their background was checked.

    Only the day is kept: what the check said stays with who made it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="mentors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mentors_at")
    checked_on = models.DateField(_("background checked on"), null=True, blank=True)
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="mentor_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"


class MentorAssignment(models.Model):
    """A mentor's time that a session holds: nobody guides in two places at once."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="assignments")
    mentor = models.ForeignKey(Mentor, models.PROTECT, related_name="assignments")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="assignment_not_empty"),
            # By person, not by mentor: who guides for two organisations is one and the same.
            ExclusionConstraint(
                name=MENTOR_FREE,
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mentor} {self.starts_at:%Y-%m-%d}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)


class SafetyDuty(models.Model):
    """Who sees to safety on one day of a session, and under which number."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="safety_duties")
    day = models.DateField(_("day"))
    name = models.CharField(_("safety officer"), max_length=80)
    phone = models.CharField(_("phone"), max_length=40)

    class Meta:
        ordering = ["day", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "day"], name="safety_officer_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
