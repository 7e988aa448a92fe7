"""Bookings, the time that they hold, and what is asked to be changed in them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ResearchGroup
from billing.models import Charge, FundCode, Hold, Wallet
from bookings.querysets import BookingQuerySet, ChangeQuerySet, ClaimQuerySet
from bookings.states import LONGEST_HELD, WAITS, CancelledAs, ChangeKind, ChangeState, Purpose, State
from common.db import TimeRange
from common.ids import new_id
from common.interval import Interval
from instruments.models import Instrument

NO_OVERLAP = "claim_no_overlap"
ONE_DRAFT_PER_INSTRUMENT, TWO_DRAFTS = "booking_one_draft", "booking_two_drafts"


class Booking(models.Model):
    """That somebody wants, has, had or lost the use of an instrument from `starts_at` up to `ends_at`.

    The booked time is without buffers; what is held, buffers included, are its claims.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="bookings")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings")
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    group = models.ForeignKey(ResearchGroup, models.PROTECT, null=True, blank=True, related_name="bookings")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.RESEARCH)
    title = models.CharField(max_length=120, blank=True)
    answers = models.JSONField(default=list, blank=True)
    flexible_minutes = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="how much earlier or later would do as well, in minutes"
    )
    assisted = models.BooleanField(default=False, db_default=False, help_text="with an operator")
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    question = models.CharField(max_length=1000, blank=True, db_default="", help_text="what the laboratory asked last")
    overruled = models.JSONField(
        default=list, blank=True, db_default=[], help_text="objections that staff set aside, as {code, detail}"
    )
    overruled_because = models.CharField(max_length=500, blank=True, db_default="")
    held_for = models.CharField(
        max_length=80, blank=True, db_default="", help_text="the upper room's object that owns this booking"
    )
    external_ref = models.CharField(max_length=80, blank=True, db_default="")
    payer = models.ForeignKey(Wallet, models.PROTECT, null=True, blank=True, related_name="bookings")
    fund_code = models.ForeignKey(FundCode, models.PROTECT, null=True, blank=True, related_name="bookings")
    price = models.JSONField(
        null=True,
        blank=True,
        help_text="the explanation frozen when it was booked, `billing.pricing.Price`; null: free",
    )
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, blank=True, related_name="booking")
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="booking")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="when a draft, request or question lapses")
    no_show_at = models.DateTimeField(
        null=True, blank=True, help_text="when it counts as not come to, where the policy asks for check-in"
    )
    never_sent = models.BooleanField(default=False, db_default=False, help_text="a draft that was dropped or ran out")
    draft_slot = models.PositiveSmallIntegerField(null=True, blank=True, help_text="1 or 2, while it is a draft")
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
            models.CheckConstraint(
                condition=Q(state=State.DRAFT, draft_slot__in=[1, 2]) | ~Q(state=State.DRAFT) & Q(draft_slot=None),
                name="booking_draft_slot",
            ),
            models.UniqueConstraint(
                fields=["user", "instrument"], condition=Q(state=State.DRAFT), name=ONE_DRAFT_PER_INSTRUMENT
            ),
            models.UniqueConstraint(fields=["user", "draft_slot"], condition=Q(state=State.DRAFT), name=TWO_DRAFTS),
            models.UniqueConstraint(
                fields=["booked_by", "external_ref"], condition=~Q(external_ref=""), name="booking_external_ref_once"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-starts_at"], name="booking_of_user"),
            models.Index(fields=["instrument", "starts_at"], name="booking_of_instrument"),
            models.Index(fields=["-created_at", "-id"], name="booking_pages"),
            models.Index(fields=["instrument", "starts_at"], condition=Q(state=State.REQUESTED), name="booking_inbox"),
            models.Index(fields=["ends_at"], condition=Q(state=State.CONFIRMED), name="booking_to_complete"),
            models.Index(fields=["starts_at"], condition=Q(state=State.CONFIRMED), name="booking_to_remind"),
            models.Index(fields=["expires_at"], condition=Q(state__in=sorted(WAITS)), name="booking_to_expire"),
            models.Index(fields=["ends_at"], condition=Q(state=State.IN_USE), name="booking_in_use"),
            models.Index(fields=["no_show_at"], condition=Q(state=State.CONFIRMED), name="booking_no_show"),
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
    change = models.ForeignKey(
        "Change", models.CASCADE, null=True, blank=True, related_name="claims", help_text="the change that holds it"
    )
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="claims", db_index=False)
    unit = models.PositiveSmallIntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    objects = ClaimQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["instrument", "unit", "starts_at"], name="claim_reads")]
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="claim_not_empty"),
            models.CheckConstraint(condition=Q(ends_at__lte=F("starts_at") + LONGEST_HELD), name="claim_not_too_long"),
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


class Change(models.Model):
    """Another time or instrument for a booking, held until somebody says yes or no.

    A `move` is asked for by the requester and decided by the laboratory: refused, the old booking stands. A `counter`
    is offered by the laboratory and accepted by the requester: a request that gets no yes is cancelled free of charge,
    a confirmed booking stands as it was.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    booking = models.ForeignKey(Booking, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind.choices)
    state = models.CharField(max_length=10, choices=ChangeState.choices, default=ChangeState.WAITING)
    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    was_instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="+")
    was_starts_at = models.DateTimeField()
    was_ends_at = models.DateTimeField()
    operator = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="change_not_empty"),
            models.CheckConstraint(condition=Q(kind__in=ChangeKind.values), name="change_kind"),
            models.CheckConstraint(condition=Q(state__in=ChangeState.values), name="change_state"),
            models.UniqueConstraint(
                fields=["booking"], condition=Q(state=ChangeState.WAITING), name="change_one_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["expires_at"], condition=Q(state=ChangeState.WAITING), name="change_to_expire"),
        ]

    def __str__(self) -> str:
        return f"{self.booking} → {self.starts_at:%Y-%m-%d %H:%M}"

    @property
    def interval(self) -> Interval:
        return Interval(self.starts_at, self.ends_at)

    @property
    def was(self) -> Interval:
        return Interval(self.was_starts_at, self.was_ends_at)


class Feedback(models.Model):
    """What a user says after the use: a mark from 1 to 5 and a sentence."""

    booking = models.OneToOneField(Booking, models.CASCADE, related_name="feedback")
    mark = models.PositiveSmallIntegerField(_("mark"), validators=[MinValueValidator(1), MaxValueValidator(5)])
    text = models.CharField(_("what should be better"), max_length=1000, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(mark__range=(1, 5)), name="feedback_mark")]

    def __str__(self) -> str:
        return f"{self.booking}: {self.mark}"
