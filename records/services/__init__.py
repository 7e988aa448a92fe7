"""Doing a thing once for each key, and long work that is a row."""

from records.services.jobs import Progress, file_of, forget_old_jobs, progress_of, queue_job, run_due_jobs
from records.services.keys import Answer, forget_old_keys, once

__all__ = [
    "Answer",
    "Progress",
    "file_of",
    "forget_old_jobs",
    "forget_old_keys",
    "once",
    "progress_of",
    "queue_job",
    "run_due_jobs",
]
