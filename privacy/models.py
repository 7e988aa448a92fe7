"""What people ask for about their own data."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from common.ids import new_id
from privacy.querysets import ErasureQuerySet
from privacy.states import STANDS, ErasureState

ONE_ERASURE = "erasure_once"


class Acceptance(models.Model):
    """That somebody accepted a version of the terms and the privacy text, in the language in which they read it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="acceptances")
    version = models.CharField(max_length=10)
    language = models.CharField(max_length=10)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="acceptance_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version}"


class Erasure(models.Model):
    """That somebody asked for their account to be erased, and what came of it. Names an id, before and after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="erasures")
    state = models.CharField(max_length=10, choices=ErasureState.choices, default=ErasureState.ASKED)
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(help_text="when it is done, unless it is taken back")
    ended_at = models.DateTimeField(null=True, blank=True)
    children = models.PositiveIntegerField(default=0, help_text="how many children were erased with it")
    counts = models.JSONField(default=dict, help_text="how many rows of which table were deleted or overwritten")

    objects = ErasureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=ErasureState.values), name="erasure_state"),
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=sorted(STANDS)), name=ONE_ERASURE),
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(state=ErasureState.ASKED), name="erasure_due")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("my_data")
