from pathlib import Path

import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from common.ids import new_id
from common.uploads import EXTENSION_OF
from records.querysets import AccessQuerySet, JobQuerySet, StoredFileQuerySet
from records.states import AccessKind, JobState

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


class Access(models.Model):
    """That somebody looked at what is sealed, or fetched a copy of somebody's data: who, as what, of whom, when."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.SlugField(choices=AccessKind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.SlugField(help_text="as what they looked: guardian, mentor, coordinator …")
    subject_id = models.CharField(max_length=40, help_text="the child, or the person")
    at = models.DateTimeField(default=timezone.now)
    request = models.CharField(max_length=64, blank=True, help_text="the id of the request, as in the log")

    objects = AccessQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "accesses"
        indexes = [
            models.Index(fields=["subject_id", "-at"], name="access_to"),
            models.Index(fields=["at"], name="access_at"),
        ]
        triggers = [pgtrigger.Protect(name="access_stands", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"


class StoredFile(models.Model):
    """A file that somebody handed in and that was found good; its bytes are in DATA_DIR/files, never in the database.

    Who may read it is for the app to say that owns the thing it belongs to. `public` ones have an address for all.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="bytes")
    media_type = models.CharField(max_length=100)
    name = models.CharField(max_length=120, help_text="as it was handed in, without a path")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, of a picture")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="pixels, of a picture")
    small = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="large")
    public = models.BooleanField(default=False)
    stored_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = StoredFileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="stored_file_sha256"),
            models.CheckConstraint(condition=models.Q(size__gt=0), name="stored_file_not_empty"),
            models.CheckConstraint(
                condition=models.Q(media_type__in=list(EXTENSION_OF)), name="stored_file_of_a_known_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(media_type__startswith="image/", width__gt=0, height__gt=0)
                | ~models.Q(media_type__startswith="image/") & models.Q(width=None, height=None, small=None),
                name="stored_file_pictures_have_sides",
            ),
        ]
        indexes = [models.Index(fields=["sha256"], condition=models.Q(public=True), name="stored_file_public")]

    def __str__(self) -> str:
        return self.name

    @property
    def extension(self) -> str:
        return EXTENSION_OF[self.media_type]

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def place(self) -> str:
        """Where its bytes are, under DATA_DIR/files. By id, not by hash: who drops one drops nobody else's."""
        return f"{self.sha256[:2]}/{self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.DATA_DIR) / "files" / self.place

    @property
    def url(self) -> str:
        """The address for all of a public one; '' of a private one."""
        return f"/files/{self.sha256}.{self.extension}" if self.public else ""
