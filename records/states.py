"""The life of long work.

queued ──a worker takes it──▶ running ──▶ done | failed; a worker that was killed leaves it to the next one
"""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class JobState(TextChoices):
    QUEUED = "queued", pgettext_lazy("job", "queued")
    RUNNING = "running", pgettext_lazy("job", "running")
    DONE = "done", pgettext_lazy("job", "done")
    FAILED = "failed", pgettext_lazy("job", "failed")


class AccessKind(TextChoices):
    """What was looked at."""

    CHILD = "child", pgettext_lazy("access", "what is sealed of a child")
    HEALTH = "health", pgettext_lazy("access", "a child's health")
    EXPORT = "export", pgettext_lazy("access", "a copy of somebody's data")
