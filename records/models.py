from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.ids import new_id
from records.querysets import JobQuerySet
from records.states import JobState

ONE_ANSWER_PER_KEY = "idempotency_one_answer_per_key"


class IdempotencyKey(models.Model):
    """The answer that a caller's key got, so that the same request gets it again. Kept 72 hours."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(encoder=DjangoJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name=ONE_ANSWER_PER_KEY)]

    def __str__(self) -> str:
        return self.key


class Mark(models.Model):
    """A fact about this database itself, for example that it holds the demo city."""

    name = models.SlugField(primary_key=True)
    made_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


DEMO = "demo"


class Job(models.Model):
    """Long work: what was asked, by whom, and what came of it. How far it is, is in the cache."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs")
    state = models.CharField(max_length=8, choices=JobState.choices, default=JobState.QUEUED)
    given = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    file = models.CharField(max_length=120, blank=True, help_text="under DATA_DIR/files")
    outcome = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    error = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(state__in=JobState.values), name="job_state")]
        indexes = [
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
            models.Index(fields=["created_at"], condition=models.Q(state__in=["queued", "running"]), name="job_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"
