"""A copy of all that is held about somebody: a ZIP that only they can fetch, for a week."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.disk import write_whole
from common.errors import Refusal, Refused
from common.sealed import Unreadable, seal_bytes, unseal_bytes
from common.tables import csv_of
from notifications.services import tell
from outreach.services.personal import children_of
from privacy.services.personal import PERSONAL
from privacy.states import EXPORT
from records.models import Job, StoredFile
from records.rules import kept_for
from records.services import Progress, note_access, queue_job
from records.states import AccessKind, JobState

log = structlog.get_logger()

LARGEST = 200_000_000  # bytes of files that go into one copy; the list of files is always whole
UNDER_WAY = Refusal("export_under_way", gettext_lazy("A copy is being made already."))


@transaction.atomic
def ask_for_export(person: User) -> Job:
    """Have a copy made. Raises Refused (`export_under_way`) while one is being made."""
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    running = [JobState.QUEUED, JobState.RUNNING]
    if Job.objects.of(person).filter(kind=EXPORT, state__in=running).exists():
        raise Refused([UNDER_WAY])
    return queue_job(EXPORT, owner=person, given={})


def run_export(job: Job, progress: Progress) -> dict[str, Any]:
    """The worker's part: make it, seal it, tell whoever asked."""
    person = job.owner
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        rows = _write(archive, person, progress)
    write_whole(_place(job), seal_bytes(job.pk, content.getvalue()))
    subject: Any = job  # its page is the one that lists all copies
    tell("export_ready", to=[person], about=subject, occasion="ready", page="my_data")
    return {"rows": rows, "bytes": content.tell()}


def _write(archive: zipfile.ZipFile, person: User, progress: Progress) -> int:
    """The tables as CSV and as JSON, the files, and a page to read; returns how many rows."""
    everything: dict[str, list[dict[str, Any]]] = {}
    titles: dict[str, str] = {}
    given = [each for each in PERSONAL if each.given]
    for done, kept in enumerate(given):
        name = kept.name if kept.name not in everything else f"{kept.name}_{kept.by[0]}"
        everything[name], titles[name] = list(kept.rows(person)), str(kept.what)
        progress.of(done, len(given) + 1)
    everything["children"], titles["children"] = list(children_of(person)), _("your children")
    shown = []
    for name, rows in everything.items():
        if rows:
            written = [{column: _as_text(value) for column, value in row.items()} for row in rows]
            archive.writestr(f"tables/{name}.csv", csv_of(list(rows[0]), written))
            shown.append(
                {
                    "name": name,
                    "title": titles[name],
                    "rows": [[*row.values()] for row in written],
                    "columns": list(rows[0]),
                }
            )
    archive.writestr("data.json", json.dumps(everything, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))
    left_out = _write_files(archive, person)
    context = {"person": person, "tables": shown, "left_out": left_out, "made_at": timezone.now()}
    archive.writestr("index.html", render_to_string("privacy/export.html", context))
    return sum(len(rows) for rows in everything.values())


def _as_text(value: Any) -> str:
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, cls=DjangoJSONEncoder)
    return "" if value is None else str(value)


def _write_files(archive: zipfile.ZipFile, person: User) -> list[str]:
    """What they handed in, as far as there is room; the names of what was left out."""
    left, left_out = LARGEST, []
    for each in StoredFile.objects.filter(by=person).order_by("stored_at"):
        if each.size > left or not each.path.is_file():
            left_out.append(each.name)
            continue
        left -= each.size
        archive.write(each.path, f"files/{each.pk}.{each.extension}")
    return left_out


def exports_of(person: User) -> list[Job]:
    """Those that are being made or can be fetched, the newest first."""
    since = timezone.now() - kept_for("exports")
    return list(Job.objects.of(person).filter(kind=EXPORT, created_at__gt=since).order_by("-created_at"))


def fetch_export(job: Job, *, by: User) -> bytes | None:
    """Its bytes, for whoever asked for it, for seven days; None when it is over or its key gone. Each time is noted."""
    if job.owner_id != by.pk or not can_be_fetched(job):
        return None
    try:
        content = unseal_bytes(job.pk, _place(job).read_bytes())
    except Unreadable:  # its key was taken out of FIELD_KEYS too soon
        log.error("key_lost", job=str(job.pk))
        return None
    note_access(AccessKind.EXPORT, to=[by.pk], by=by, role="self")
    return content


def can_be_fetched(job: Job) -> bool:
    is_fresh = job.finished_at is not None and timezone.now() < job.finished_at + kept_for("exports")
    return job.kind == EXPORT and job.state == JobState.DONE and is_fresh and _place(job).is_file()


def forget_old_exports() -> int:
    """Delete the files of copies that can no longer be fetched; returns how many."""
    before, count = (timezone.now() - kept_for("exports")).timestamp(), 0
    for place in _folder().glob("*") if _folder().is_dir() else []:
        if place.stat().st_mtime < before:
            place.unlink(missing_ok=True)
            count += 1
    return count


def drop_exports(person: User) -> None:
    """Nothing of somebody who is erased lies about in a copy."""
    for job in Job.objects.of(person).filter(kind=EXPORT):
        _place(job).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "exports"  # beside the files: no backup takes it along


def _place(job: Job) -> Path:
    return _folder() / str(job.pk)
