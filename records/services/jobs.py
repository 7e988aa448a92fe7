"""Long work as a row: queued by a request, taken up by whichever worker is free, found again by its owner."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from common.disk import says_full, taken_back_unless_done, write_whole
from common.errors import NotAllowed, WrongInput
from records.models import Job
from records.rules import kept_for
from records.states import JobState

log = structlog.get_logger()

LEASE = timedelta(minutes=5)
TRIES = 3
KEPT_FOR = kept_for("jobs")
SAID_EVERY = 0.5  # seconds

Work = Callable[[Job, "Progress"], dict[str, Any]]


class Progress:
    """How far a job is: in the cache for whoever looks, and a longer lease for whoever works."""

    def __init__(self, job: Job) -> None:
        self.job, self._said = job, 0.0

    def of(self, done: int, total: int) -> None:
        """`done` of `total` is done; said at most twice a second."""
        if time.monotonic() - self._said < SAID_EVERY:
            return
        self._said = time.monotonic()
        cache.set(_key(self.job), min(99, 100 * done // max(total, 1)), 3600)
        Job.objects.filter(pk=self.job.pk).update(lease_until=timezone.now() + LEASE)


def _key(job: Job) -> str:
    return f"job {job.pk}"


def progress_of(job: Job) -> int:
    """How far it is, in per cent."""
    if job.state == JobState.DONE:
        return 100
    return int(cache.get(_key(job)) or 0) if job.state == JobState.RUNNING else 0


@transaction.atomic
def queue_job(kind: str, *, owner: Any, given: dict[str, Any], file: bytes | None = None) -> Job:
    """Leave work for a worker; `file` is kept beside the row under DATA_DIR/files until the job is forgotten."""
    job = Job(kind=kind, owner=owner, given=given)
    with taken_back_unless_done() as written:
        if file is not None:
            job.file = f"jobs/{job.pk}"
            write_whole(_path(job), file)
            written.append(_path(job))
        job.save(force_insert=True)
    return job


def _path(job: Job) -> Path:
    return Path(settings.DATA_DIR) / "files" / job.file


def file_of(job: Job) -> bytes:
    """What was handed in with it."""
    return _path(job).read_bytes()


def run_due_jobs(works: Mapping[str, Work]) -> int:
    """Do the jobs of these kinds that are due, one at a time; returns how many.

    Any number of workers may do it together. A worker that is killed leaves its job to the next one after the lease:
    works are idempotent. After three tries a job fails and says so.
    """
    count = 0
    while job := _take(list(works)):
        _run(job, works[job.kind])
        count += 1
    return count


@transaction.atomic
def _take(kinds: list[str]) -> Job | None:
    now = timezone.now()
    job = Job.objects.due(now).filter(kind__in=kinds).select_for_update(skip_locked=True).first()
    if job is None:
        return None
    job.state, job.attempts, job.lease_until = JobState.RUNNING, job.attempts + 1, now + LEASE
    job.started_at = job.started_at or now
    job.save(update_fields=["state", "attempts", "lease_until", "started_at"])
    return job


def _run(job: Job, work: Work) -> None:
    # Reasons and sentences are kept as words: those of whoever asked for the work.
    with translation.override(job.owner.language):
        _try(job, work)


def _try(job: Job, work: Work) -> None:
    if job.attempts > TRIES:
        _finish(job, JobState.FAILED, error=_("Three tries ended without a result. Nothing more will be tried."))
        return
    try:
        outcome = work(job, Progress(job))
    except (WrongInput, NotAllowed) as error:
        _finish(job, JobState.FAILED, error=str(error.detail))
    except Exception as error:  # the row must say what happened, whatever it was
        if says_full(error):
            _wait_for_room(job)
            return
        log.exception("job_failed", job=str(job.pk), kind=job.kind)
        _finish(job, JobState.FAILED, error=_("A fault of ours (%(name)s).") % {"name": type(error).__name__})
    else:
        _finish(job, JobState.DONE, outcome=outcome)


def _wait_for_room(job: Job) -> None:
    """No fault of the work's: it stays under its lease, and is done when that is over; the try does not count."""
    log.error("disk_full", job=str(job.pk), kind=job.kind)
    Job.objects.filter(pk=job.pk).update(attempts=job.attempts - 1)


def _finish(job: Job, state: str, *, outcome: dict[str, Any] | None = None, error: str = "") -> None:
    job.state, job.outcome, job.error, job.finished_at = state, outcome or {}, error[:500], timezone.now()
    job.lease_until = None
    job.save(update_fields=["state", "outcome", "error", "finished_at", "lease_until"])


def forget_old_jobs() -> int:
    """Delete jobs that ended thirty days ago, and their files; returns how many."""
    old = list(Job.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR))
    for job in old:
        if job.file:
            _path(job).unlink(missing_ok=True)
        job.delete()
    return len(old)
