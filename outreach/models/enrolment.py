"""A child's place in a session: the line before it, the consent, the payment, the days, the certificate."""

from __future__ import annotations

import secrets
from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from billing.models import Charge
from common.db import TimeRange
from common.ids import new_id
from outreach.models.family import Child
from outreach.models.programme import ConsentText
from outreach.models.session import Session
from outreach.querysets import EnrolmentQuerySet
from outreach.states import IS_CONFIRMED, STANDS, WAITS, EnrolmentState, PaidHow

ONE_PLACE_AT_A_TIME, CONSENTED = "child_in_one_place", "enrolment_consented"


def fresh_code() -> str:
    """A code that nobody guesses: 128 bits."""
    return secrets.token_urlsafe(16)


class Enrolment(models.Model):
    """A child's place in a session, or in the line for one.

    `starts_at` and `ends_at` are the session's, so that the database can see that a child is never in two at once.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="enrolments")
    child = models.ForeignKey(Child, models.PROTECT, related_name="enrolments")
    guardian = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=18, choices=EnrolmentState.choices)
    place_in_line = models.PositiveIntegerField(help_text="the order in which they came, counted by the session")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    offered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="until when the guardian must act")
    consent = models.OneToOneField("Consent", models.RESTRICT, null=True, blank=True, related_name="+")
    price = models.JSONField(help_text="the price as it was when they enrolled")
    fee = models.DecimalField(max_digits=8, decimal_places=2)
    charge = models.OneToOneField(Charge, models.PROTECT, null=True, blank=True, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_how = models.CharField(max_length=10, choices=PaidHow.choices, blank=True)
    paid_reference = models.CharField(max_length=80, blank=True)
    refunded = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    code = models.CharField(max_length=22, unique=True, default=fresh_code, editable=False)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=EnrolmentState.values), name="enrolment_state"),
            models.UniqueConstraint(fields=["session", "place_in_line"], name="enrolment_line_once"),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(IS_CONFIRMED)) | Q(consent__isnull=False), name=CONSENTED
            ),
            models.CheckConstraint(
                condition=~Q(state__in=sorted(WAITS)) | Q(expires_at__isnull=False), name="enrolment_waits_until"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "attended", "no_show"]) | Q(paid_at__isnull=False),
                name="enrolment_paid_at",
            ),
            models.CheckConstraint(
                condition=Q(refunded__gte=Decimal(0), refunded__lte=F("fee")), name="enrolment_refund_within_fee"
            ),
            ExclusionConstraint(
                name=ONE_PLACE_AT_A_TIME,
                expressions=[
                    ("child", RangeOperators.EQUAL),
                    (TimeRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                condition=Q(state__in=sorted(STANDS)),
            ),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="enrolment_pages"),
            models.Index(
                fields=["session", "place_in_line"],
                condition=Q(state=EnrolmentState.WAITLISTED),
                name="enrolment_waitlist",
            ),
            models.Index(fields=["expires_at"], condition=Q(state__in=sorted(WAITS)), name="enrolment_to_lapse"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.place_in_line}"

    def get_absolute_url(self) -> str:
        return reverse("enrolment", args=[self.pk])


class Consent(models.Model):
    """What a guardian answered to which version of the text: yes or no, and whether they took it back."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+")
    given = models.BooleanField(help_text="no is an answer too")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.given}"


class CheckIn(models.Model):
    """That a child was there on a day."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="check_ins")
    day = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["enrolment", "day"], name="check_in_once_a_day")]

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.day}"


class Certificate(models.Model):
    """That a child took part. The public page behind the code shows initials only; it stays when the rest is erased."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.OneToOneField(Enrolment, models.PROTECT, related_name="certificate")
    code = models.CharField(max_length=22, unique=True, default=fresh_code, editable=False)
    initials = models.CharField(max_length=20)
    days = models.PositiveSmallIntegerField(help_text="how many days the child was there")
    issued_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        return reverse("youth_certificate", args=[self.code])
