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
