"""Applying an import: what the preview showed is written, row by row looked at again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from common.db import constraint_of
from instruments.formats import Reasons, reason
from instruments.models import ONE_NUMBER, CollectionRound, ImportRow, Instrument, InstrumentImport
from instruments.permissions import speaks_for
from instruments.services.enter_many import enter_many
from instruments.services.judge import Judge, Judged, fill
from instruments.services.previewing import AT_A_TIME, counts_of
from instruments.states import ImportState, Verdict
from records.models import Job
from records.services import Progress

TO_DO = [Verdict.NEW, Verdict.CHANGED]
REFUSALS = (ValidationError, IntegrityError, DataError)
CONFIRMS_AGAIN = timedelta(days=7)
CONFIRMED = ["confirmed_at", "confirmed_by"]


def run_apply(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of an apply's job; a worker that was killed leaves rows without `applied_at`, and the next goes on."""
    source = InstrumentImport.objects.select_related("organisation").get(pk=job.given["import"])
    if source.state != ImportState.APPLYING or source.applying_id != job.pk:
        return {}
    with pghistory.context(user=str(job.owner_id), instrument_import=str(source.pk)):
        _apply(source, job.owner, progress.of)
        return _finish(source, by=job.owner)


def _apply(source: InstrumentImport, by: User, so_far: Callable[[int, int], None]) -> None:
    judge, line = Judge(source, by=by), 0
    confirmer = by if speaks_for(by, source.organisation) else None
    due = source.rows.filter(verdict__in=TO_DO)
    total, done = due.count(), due.exclude(applied_at=None).count()
    while rows := _write(due.filter(applied_at=None, line__gt=line), judge, confirmer=confirmer, now=timezone.now()):
        # By the line that was reached: a row that turned out wrong is not met again.
        line, done = rows[-1].line, done + len(rows)
        so_far(done, total)


@transaction.atomic
def _write(due: QuerySet[ImportRow], judge: Judge, *, confirmer: User | None, now: datetime) -> list[ImportRow]:
    """Write the next rows that are due, and return them; the rows are locked, so that no second worker writes them."""
    rows = list(due.select_for_update().order_by("line")[:AT_A_TIME])
    known = Instrument.objects.select_for_update(no_key=True, of=("self",))
    judged = judge.judge([(row.line, row.cells) for row in rows], among=known)
    good: list[tuple[ImportRow, Judged]] = []
    for row, each in zip(rows, judged, strict=True):
        if reasons := _overtaken(row, each):
            _refuse(row, reasons)
        else:
            good.append((row, each))
    try:
        with transaction.atomic():
            _enter(good, confirmer=confirmer, now=now)
    except REFUSALS:
        for pair in good:
            _enter_alone(pair, confirmer=confirmer, now=now)
    return rows


def _overtaken(row: ImportRow, each: Judged) -> Reasons:
    """What has happened to the record since the preview: then the row is reported, and nothing is overwritten."""
    if row.verdict == Verdict.NEW and each.instrument:
        return [reason("appeared_since")]
    if row.verdict == Verdict.CHANGED and each.instrument is None:
        return [reason("gone_since")]
    if each.instrument and each.instrument.version != row.fields.get("version"):
        return [reason("changed_since")]
    return each.reasons


def _refuse(row: ImportRow, reasons: Reasons) -> None:
    row.verdict, row.reasons = Verdict.WRONG, reasons
    row.save(update_fields=["verdict", "reasons"])


def _enter(good: list[tuple[ImportRow, Judged]], *, confirmer: User | None, now: datetime) -> None:
    filled = []
    for _row, each in good:
        instrument, names = fill(each)
        if confirmer:
            instrument.confirmed_at, instrument.confirmed_by = now, confirmer
            names = [*names, *CONFIRMED]
        filled.append((instrument, names))
    enter_many(filled, at=now)
    for (row, _each), (instrument, _names) in zip(good, filled, strict=True):
        row.instrument, row.applied_at = instrument, now
    ImportRow.objects.bulk_update([row for row, _each in good], ["instrument", "applied_at"])


def _enter_alone(pair: tuple[ImportRow, Judged], *, confirmer: User | None, now: datetime) -> None:
    """One row of a lot in which the database refused something: only the guilty ones come back."""
    row, each = pair
    if each.instrument:
        each.instrument.refresh_from_db()
    try:
        with transaction.atomic():
            _enter([pair], confirmer=confirmer, now=now)
    except REFUSALS as error:
        row.instrument, row.applied_at = each.instrument, None
        _refuse(row, [_why(error)])


def _why(error: Exception) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        return reason("refused", why=", ".join(sorted(getattr(error, "error_dict", {})) or error.messages))
    constraint = constraint_of(error) if isinstance(error, DatabaseError) else ""
    return reason("appeared_since") if constraint == ONE_NUMBER else reason("refused", why=constraint or "data")


def _fresh_since(now: datetime) -> datetime:
    """Since when a confirmation is young enough: a table that is sent every night is no news for the history."""
    newest = CollectionRound.objects.open().order_by("-opened_at").values_list("opened_at", flat=True).first()
    return max(filter(None, (newest, now - CONFIRMS_AGAIN)))


@transaction.atomic
def _finish(source: InstrumentImport, *, by: User) -> dict[str, Any]:
    now = timezone.now()
    if speaks_for(by, source.organisation):
        # Whoever sends a record as it stands says that it is right.
        right = source.rows.filter(verdict=Verdict.UNCHANGED).values("instrument")
        Instrument.objects.filter(pk__in=right).confirmed_before(_fresh_since(now)).update(
            confirmed_at=now, confirmed_by=by
        )
    source.state, source.applied_at = ImportState.APPLIED, now
    counts: dict[str, Any] = {**source.counts, **counts_of(source)}
    source.counts = counts
    source.save(update_fields=["state", "applied_at", "counts"])
    return counts
