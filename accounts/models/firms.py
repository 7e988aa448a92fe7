"""The standing of firms: whether an officer has verified them, which tiers they hold, how they are reached."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Organisation, User
from accounts.querysets import TierQuerySet, VerificationQuerySet
from accounts.states import ContactChannel, VerificationState
from common.ids import new_id
from common.text import Bilingual
from records.models import StoredFile

ONE_PENDING, ONE_VERIFIED = "verification_one_pending", "verification_one_verified"


class Verification(models.Model):
    """That a firm asked to be verified, what it showed for it, and what an officer made of it.

    A firm without a row is unverified. A new row may wait beside one that stands still.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="verifications")
    state = models.CharField(max_length=10, choices=VerificationState.choices, default=VerificationState.PENDING)
    legal_representative = models.CharField(_("legal representative"), max_length=80)
    asks_as_representative = models.BooleanField(_("asked by the legal representative"))
    licence = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    letter = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    contact = models.CharField(_("contact"), max_length=254, help_text="proven by a code")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField(help_text="the working day by whose end an officer answers")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    until = models.DateField(_("verified until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    objects = VerificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=VerificationState.values) & ~Q(state=VerificationState.UNVERIFIED),
                name="verification_state",
            ),
            models.CheckConstraint(
                condition=Q(asks_as_representative=True) | Q(letter__isnull=False), name="verification_has_letter"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[VerificationState.VERIFIED, VerificationState.EXPIRED])
                | Q(until__isnull=False),
                name="verification_ends",
            ),
            models.CheckConstraint(
                condition=~Q(state=VerificationState.REJECTED) | ~Q(reason=""), name="verification_says_why"
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state=VerificationState.PENDING), name=ONE_PENDING
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(state=VerificationState.VERIFIED), name=ONE_VERIFIED
            ),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(state=VerificationState.PENDING), name="verification_queue")
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("firm", args=[self.organisation_id])


class TierKind(models.Model):
    """A tier that the State gives to firms. The names change (last on 2026-04-01), hence rows and no choices."""

    slug = models.SlugField(unique=True)
    name_zh = models.CharField(_("Chinese name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    step = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="its place on the ladder; empty for one that stands beside it"
    )
    begins = models.DateField(null=True, blank=True, help_text="since when it has this name")
    ends = models.DateField(null=True, blank=True, help_text="until when it was given")

    name = Bilingual("name")

    class Meta:
        ordering = ["step", "slug"]

    def __str__(self) -> str:
        return str(self.name)


class Tier(models.Model):
    """That a firm holds a tier from one day to another: by which evidence, and who looked at it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="tiers")
    kind = models.ForeignKey(TierKind, models.PROTECT, related_name="tiers")
    number = models.CharField(_("evidence number"), max_length=80)
    issuer = models.CharField(_("issuer"), max_length=120)
    begins = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(default=timezone.now)

    objects = TierQuerySet.as_manager()

    class Meta:
        ordering = ["-begins"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "kind", "begins"], name="tier_once"),
            models.CheckConstraint(condition=Q(ends=None) | Q(begins__lte=F("ends")), name="tier_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} · {self.kind}"


class ContactCode(models.Model):
    """A code that was sent to a phone or an address, to prove that who asks reads there; never stored in clear."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="contact_codes")
    channel = models.CharField(max_length=4, choices=ContactChannel.choices)
    address = models.CharField(max_length=254)
    digest = models.CharField(max_length=64, help_text="keyed SHA-256 of id and code, in hex")
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    proven_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=ContactChannel.values), name="contact_code_channel"),
            models.CheckConstraint(condition=Q(attempts__lte=5), name="contact_code_attempts"),
        ]
        indexes = [
            models.Index(fields=["user", "-sent_at"], name="contact_code_of_user"),
            models.Index(fields=["address", "-sent_at"], name="contact_code_to"),
        ]

    def __str__(self) -> str:
        return f"{self.address} {self.sent_at}"
