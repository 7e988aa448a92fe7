"""Doing a thing once for each key, long work that is a row, files that people handed in."""

from records.services.accesses import forget_old_accesses, note_access
from records.services.files import drop_file, keep_document, keep_either, keep_picture, sweep_files
from records.services.jobs import Progress, file_of, forget_old_jobs, progress_of, queue_job, run_due_jobs
from records.services.keys import Answer, forget_old_keys, once

__all__ = [
    "Answer",
    "Progress",
    "drop_file",
    "file_of",
    "forget_old_accesses",
    "forget_old_jobs",
    "forget_old_keys",
    "keep_document",
    "keep_either",
    "keep_picture",
    "note_access",
    "once",
    "progress_of",
    "queue_job",
    "run_due_jobs",
    "sweep_files",
]
