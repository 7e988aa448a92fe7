"""Calendars to subscribe to."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from common.ids import new_id
from instruments.models import Facility, Instrument


class Feed(models.Model):
    """A secret address of a calendar: of a person's own bookings, of an instrument, or of a facility.

    The secret itself is never stored. What the calendar shows is what its owner may see at the moment of reading.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="feeds")
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, in hex")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(instrument=None) | Q(facility=None), name="feed_at_most_one_place")
        ]

    def __str__(self) -> str:
        return f"{self.owner} · {self.instrument or self.facility or ''}"
