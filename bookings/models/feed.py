"""Calendars to subscribe to, and boards on a wall: what a secret address shows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from bookings.querysets import FeedQuerySet
from bookings.states import FeedKind
from common.ids import new_id
from instruments.models import Facility, Instrument


class Feed(models.Model):
    """A secret address: of a calendar of a person's own bookings, an instrument or a facility, or of a facility's wall.

    The secret itself is never stored. What the calendar shows is what its owner may see at the moment of reading; a
    wall board shows names only where the policy lets everybody see them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    kind = models.CharField(
        max_length=8, choices=FeedKind.choices, default=FeedKind.CALENDAR, db_default=FeedKind.CALENDAR
    )
    instrument = models.ForeignKey(Instrument, models.CASCADE, null=True, blank=True, related_name="feeds")
    facility = models.ForeignKey(Facility, models.CASCADE, null=True, blank=True, related_name="feeds")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret, in hex")
    created_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(instrument=None) | Q(facility=None), name="feed_at_most_one_place"),
            models.CheckConstraint(condition=Q(kind__in=FeedKind.values), name="feed_kind"),
            models.CheckConstraint(
                condition=~Q(kind=FeedKind.WALL) | Q(facility__isnull=False), name="feed_wall_has_facility"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} · {self.instrument or self.facility or ''}"
