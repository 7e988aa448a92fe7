"""A problem in somebody's own words, whom it was put to, and what they offer."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, ResearchGroup
from billing.states import PayWhen
from common.ids import new_id
from instruments.models import Facility, Instrument, TestItem
from orders.querysets import EnquiryQuerySet, OfferQuerySet, RequestQuerySet
from orders.states import AnswerState, Delivery, OfferState, Report, RequestState, SampleAfter, SampleForm
from records.models import StoredFile

ONE_ACCEPTED, ONE_OPEN = "offer_one_accepted", "offer_one_open"


class Request(models.Model):
    """What somebody wants to find out: one sentence is enough to begin, at most twelve questions make it complete."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="requests")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="requests", verbose_name=_("firm")
    )
    group = models.ForeignKey(ResearchGroup, models.PROTECT, null=True, blank=True, related_name="requests")
    state = models.CharField(max_length=12, choices=RequestState.choices, default=RequestState.DRAFT)
    problem = models.TextField(_("the problem in your own words"), max_length=2000)
    photo = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    wanted = models.CharField(_("result or standard that is wanted"), max_length=500, blank=True)
    test_item = models.ForeignKey(TestItem, models.PROTECT, null=True, blank=True, related_name="+")
    instrument = models.ForeignKey(Instrument, models.PROTECT, null=True, blank=True, related_name="+")
    advise = models.BooleanField(default=True, help_text="the portal finds whom to ask")
    sample_count = models.PositiveSmallIntegerField(null=True, blank=True)
    sample_kind = models.CharField(_("what the samples are"), max_length=200, blank=True)
    sample_form = models.CharField(max_length=12, choices=SampleForm.choices, blank=True)
    hazard = models.CharField(_("hazard"), max_length=300, blank=True, help_text="empty: none is known")
    safety_sheet = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    sample_after = models.CharField(max_length=8, choices=SampleAfter.choices, default=SampleAfter.RETURN)
    wanted_on = models.DateField(null=True, blank=True)
    deadline = models.DateField(null=True, blank=True)
    delivery = models.CharField(max_length=8, choices=Delivery.choices, default=Delivery.MAIL)
    confidential = models.BooleanField(default=False)
    report = models.CharField(max_length=8, choices=Report.choices, default=Report.DATA)
    wants_subsidy = models.BooleanField(default=False)
    budget = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True, help_text="CNY, at most")
    contact = models.CharField(max_length=120, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects = RequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RequestState.values), name="request_state"),
            models.CheckConstraint(condition=~Q(problem=""), name="request_says_something"),
            models.CheckConstraint(condition=Q(budget=None) | Q(budget__gte=0), name="request_budget"),
            models.CheckConstraint(
                condition=Q(sample_count=None) | Q(sample_count__range=(1, 500)), name="request_sample_count"
            ),
        ]
        indexes = [models.Index(fields=["asked_by", "-created_at"], name="request_of_person")]

    def __str__(self) -> str:
        return self.problem[:60]

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.pk])


class Enquiry(models.Model):
    """That a laboratory is asked to answer a request, by when, and what it said."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(Request, models.CASCADE, related_name="enquiries")
    facility = models.ForeignKey(Facility, models.PROTECT, related_name="enquiries")
    state = models.CharField(max_length=12, choices=AnswerState.choices, default=AnswerState.WAITING)
    why = models.CharField(max_length=300, blank=True, help_text="why it was chosen")
    note = models.CharField(max_length=1000, blank=True, help_text="its question, or why it cannot")
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text="the working day by whose end it answers")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = EnquiryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "enquiries"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=AnswerState.values), name="enquiry_state"),
            models.UniqueConstraint(fields=["request", "facility"], name="enquiry_once"),
        ]
        indexes = [models.Index(fields=["facility", "state", "due_on"], name="enquiry_of_facility")]

    def __str__(self) -> str:
        return f"{self.facility} · {self.request}"


class Offer(models.Model):
    """What a laboratory would do for how much, until when that holds. A change is a new version, never an edit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enquiry = models.ForeignKey(Enquiry, models.PROTECT, related_name="offers")
    request = models.ForeignKey(Request, models.PROTECT, related_name="offers")
    number = models.PositiveSmallIntegerField(default=1, help_text="which version of this laboratory's offer")
    state = models.CharField(max_length=12, choices=OfferState.choices, default=OfferState.OPEN)
    price = models.JSONField(help_text="the frozen price: lines, net, VAT, what a scheme covers, what is to pay")
    to_pay = models.DecimalField(max_digits=12, decimal_places=2, help_text="CNY, VAT included, after subsidy")
    results_by = models.DateField(_("results by"))
    standard = models.CharField(_("standard"), max_length=200, blank=True)
    accreditation = models.CharField(_("accreditation"), max_length=200, blank=True)
    leaves_out = models.CharField(_("what it leaves out"), max_length=500, blank=True)
    note = models.CharField(_("remark"), max_length=1000, blank=True)
    pay_when = models.CharField(max_length=20, choices=PayWhen.choices, default=PayWhen.AFTER_CONFIRMATION)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    agreement = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    agreement_sha256 = models.CharField(max_length=64, blank=True, help_text="of the agreement that was accepted")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["to_pay", "results_by"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=OfferState.values), name="offer_state"),
            models.CheckConstraint(condition=Q(to_pay__gte=0), name="offer_not_negative"),
            models.CheckConstraint(
                condition=~Q(state=OfferState.ACCEPTED)
                | Q(agreement_sha256__regex=r"^[0-9a-f]{64}$", accepted_at__isnull=False, accepted_by__isnull=False),
                name="offer_accepted_by_somebody",
            ),
            models.UniqueConstraint(fields=["enquiry", "number"], name="offer_version"),
            models.UniqueConstraint(fields=["enquiry"], condition=Q(state=OfferState.OPEN), name=ONE_OPEN),
            models.UniqueConstraint(fields=["request"], condition=Q(state=OfferState.ACCEPTED), name=ONE_ACCEPTED),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(state=OfferState.OPEN), name="offer_to_lapse")]

    def __str__(self) -> str:
        return f"{self.enquiry.facility} · {self.to_pay}"

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.request_id])
