"""Old logbooks as a table: every good row becomes a usage record, every wrong one comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from bookings.formats import RowError, UseRow, columns_in, use_of
from bookings.models import UsageRecord
from bookings.states import Source
from common.errors import NotAllowed, WrongInput
from common.tables import rows_of_csv
from instruments.models import Facility, Instrument
from instruments.permissions import runs
from records.models import Job
from records.services import Progress, file_of, queue_job

AT_A_TIME = 500
LONGEST_TABLE, LARGEST_TABLE = 200_000, 20 * 1024 * 1024
IMPORT_USE = "import-use"
# Whoever has more wrong rows than this mends the first ones and sends the table again.
WRONG_KEPT = 10_000


@dataclass
class Imported:
    """What became of a table: how many rows are new, known or wrong; the first wrong ones with line and reason."""

    new: int = 0
    known: int = 0
    wrong_count: int = 0
    wrong: list[dict[str, Any]] = field(default_factory=list)


def run_import(job: Job, progress: Progress) -> dict[str, Any]:
    """The table that was handed in with a job; the outcome holds the counts, the headers and the wrong rows."""
    facility = Facility.objects.get(pk=job.given["facility"])
    headers, rows = rows_of_csv(file_of(job), limit=LONGEST_TABLE)
    total = int(job.given["lines"])
    outcome = import_use(
        facility,
        rows,
        headers=headers,
        by=job.owner,
        now=job.created_at,
        so_far=lambda done: progress.of(done, total),
    )
    counts = {"new": outcome.new, "known": outcome.known, "wrong": outcome.wrong_count}
    return {**counts, "headers": headers, "rows": outcome.wrong}


@transaction.atomic
def ask_for_import(facility: Facility, *, by: User, data: bytes) -> Job:
    """Hand in a table of uses; a worker writes it. What is wrong with the file as a whole is said at once."""
    if not runs(by, facility):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    if len(data) > LARGEST_TABLE:
        raise WrongInput("file", "too_large", _("The file is larger than 20 MB."))
    headers, _rows = rows_of_csv(data, limit=LONGEST_TABLE)
    refuse_columns(headers)
    given = {"facility": str(facility.pk), "lines": data.count(b"\n")}
    return queue_job(IMPORT_USE, owner=by, given=given, file=data)


def refuse_columns(headers: list[str]) -> dict[str, str]:
    """Which of our columns are there. Raises WrongInput when the instrument or the start is not."""
    columns = columns_in(headers)
    if missing := {"instrument", "start"} - columns.keys():
        names = ", ".join(sorted(missing))
        raise WrongInput("file", "columns", _("Columns are missing: %(names)s.") % {"names": names})
    return columns


def import_use(
    facility: Facility,
    rows: Iterable[tuple[int, Mapping[str, str]]],
    *,
    headers: list[str],
    by: User,
    now: datetime,
    so_far: Callable[[int], None] = lambda _done: None,
) -> Imported:
    """Write the rows, five hundred a transaction; sending a table twice writes it once.

    A row is known by its `external_ref`, else by instrument, start and user. Raises NotAllowed, and WrongInput when
    the table has no column for the instrument or the start.
    """
    if not runs(by, facility):
        raise NotAllowed(_("Only the laboratory's own people may do this."))
    columns = refuse_columns(headers)
    instruments = _by_name(facility)
    zone, outcome, done = ZoneInfo(facility.time_zone), Imported(), 0
    iterator = iter(rows)
    while chunk := [row for _n, row in zip(range(AT_A_TIME), iterator, strict=False)]:
        _write(chunk, columns, instruments, outcome, zone=zone, by=by, now=now)
        done += len(chunk)
        so_far(done)
    return outcome


def _by_name(facility: Facility) -> dict[str, Instrument]:
    """The facility's instruments by slug, inner number and Chinese name."""
    found: dict[str, Instrument] = {}
    for each in Instrument.objects.filter(facility=facility):
        found |= {each.name_zh: each} if each.name_zh not in found else {}
        found |= {name: each for name in (each.inner_number, each.slug) if name}
    return found


@transaction.atomic
def _write(
    chunk: list[tuple[int, Mapping[str, str]]],
    columns: Mapping[str, str],
    instruments: Mapping[str, Instrument],
    outcome: Imported,
    *,
    zone: ZoneInfo,
    by: User,
    now: datetime,
) -> None:
    good: dict[tuple[Any, ...], UsageRecord] = {}
    for line, row in chunk:
        try:
            use = use_of(row, columns, zone=zone, now=now)
            if use.instrument not in instruments:
                raise RowError(_("“%(name)s” is no instrument of this laboratory.") % {"name": use.instrument[:40]})
        except RowError as reason:
            outcome.wrong_count += 1
            if len(outcome.wrong) < WRONG_KEPT:
                outcome.wrong.append({"line": line, "reason": str(reason), "row": dict(row)})
            continue
        record = _record(use, instruments[use.instrument], by)
        outcome.known += _identity(record) in good
        good.setdefault(_identity(record), record)
    known = _known(list(good.values()))
    fresh = [record for identity, record in good.items() if identity not in known]
    UsageRecord.objects.bulk_create(fresh)
    outcome.new += len(fresh)
    outcome.known += len(good) - len(fresh)


def _record(use: UseRow, instrument: Instrument, by: User) -> UsageRecord:
    return UsageRecord(
        instrument=instrument,
        user_name=use.user,
        starts_at=use.interval.start,
        ends_at=use.interval.end,
        samples=use.samples,
        note=use.note,
        external_ref=use.external_ref,
        source=Source.IMPORTED,
        entered_by=by,
    )


def _identity(record: UsageRecord) -> tuple[Any, ...]:
    if record.external_ref:
        return (record.external_ref,)
    return (record.instrument_id, record.starts_at, record.user_name)


def _known(records: list[UsageRecord]) -> set[tuple[Any, ...]]:
    """Which of them are written already; two statements."""
    if not records:
        return set()
    first, last = min(each.starts_at for each in records), max(each.starts_at for each in records)
    by = records[0].entered_by
    refs = [each.external_ref for each in records if each.external_ref]
    named = UsageRecord.objects.filter(entered_by=by, external_ref__in=refs)
    near = UsageRecord.objects.filter(
        instrument__in={each.instrument_id for each in records}, starts_at__gte=first, starts_at__lte=last
    )
    return {_identity(each) for each in [*named, *near.filter(external_ref="")]}
