"""Looking through a table: what every row would do, without doing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Count

from instruments.formats import plain, reason
from instruments.models import ImportRow, InstrumentImport
from instruments.services.importing import LONGEST_TABLE, table_of
from instruments.services.judge import Judge, Judged, Line, not_in
from instruments.states import ImportState, Verdict
from records.models import Job
from records.services import Progress, file_of

AT_A_TIME = 500


def run_table(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a table's job: read it to its end, so that what is wrong far down is known early."""
    count = 0
    for _row in table_of(file_of(job))[1]:
        count += 1
        progress.of(count, LONGEST_TABLE)
    return {"rows": count}


def run_preview(job: Job, progress: Progress) -> dict[str, Any]:
    """The work of a preview's job: judge every row, keep what it would do; begun again, it begins anew."""
    source = InstrumentImport.objects.select_related("organisation").get(pk=job.given["import"])
    if source.previewing_id != job.pk or source.state not in {ImportState.QUEUED, ImportState.PREVIEWING}:
        return {}  # discarded, or asked for again with other columns
    InstrumentImport.objects.filter(pk=source.pk).update(state=ImportState.PREVIEWING)
    source.rows.all().delete()
    table = Job.objects.get(pk=job.given["table"])
    data = file_of(table)
    total = table.outcome.get("rows") or LONGEST_TABLE
    judge, seen, done = Judge(source, by=job.owner), Seen(), 0
    for chunk in chunks(table_of(data)[1]):
        judged = judge.judge(chunk)
        seen.note(judged)
        ImportRow.objects.bulk_create(_row(source, each) for each in judged)
        done += len(chunk)
        progress.of(done, total)
    return _finish(source, seen, job)


def chunks(rows: Iterable[Line]) -> Iterator[list[Line]]:
    iterator = iter(rows)
    while chunk := list(islice(iterator, AT_A_TIME)):
        yield chunk


class Seen:
    """On which lines each record is named: a record that is named twice is wrong on both."""

    def __init__(self) -> None:
        # Of each record only a mark of sixteen bytes: all of a hundred thousand names would be held otherwise.
        self._first: dict[bytes, int] = {}
        self._again: dict[bytes, list[int]] = defaultdict(list)

    def note(self, judged: list[Judged]) -> None:
        for each in judged:
            for identity in each.identities:
                mark = blake2b(repr(identity).encode(), digest_size=16).digest()
                if self._first.setdefault(mark, each.line) != each.line:
                    self._again[mark].append(each.line)

    def twice(self) -> dict[int, list[int]]:
        """Lines that are not alone, each with the others."""
        found: dict[int, set[int]] = defaultdict(set)
        for mark, others in self._again.items():
            lines = {self._first[mark], *others}
            for line in lines:
                found[line] |= lines - {line}
        return {line: sorted(others) for line, others in found.items()}


def _row(source: InstrumentImport, each: Judged) -> ImportRow:
    fields = {name: plain(value) for name, value in each.fields.items()}
    if each.instrument:
        fields["version"] = each.instrument.version
    return ImportRow(
        source=source,
        line=each.line,
        verdict=each.verdict,
        cells=dict(each.cells),
        fields=fields,
        changes=each.changes,
        reasons=each.reasons,
        instrument=each.instrument,
    )


@transaction.atomic
def _finish(source: InstrumentImport, seen: Seen, job: Job) -> dict[str, Any]:
    twice = seen.twice()
    rows = list(source.rows.filter(line__in=twice))
    for row in rows:
        row.verdict = Verdict.WRONG
        row.reasons = [*row.reasons, reason("twice", "", lines=twice[row.line][:5])]
    ImportRow.objects.bulk_update(rows, ["verdict", "reasons"], batch_size=AT_A_TIME)
    counts: dict[str, Any] = counts_of(source)
    counts["missing"] = not_in(source, by=job.owner).count()
    # Whoever discarded it meanwhile, or asked for other columns, has the last word.
    mine = InstrumentImport.objects.filter(pk=source.pk, previewing=job, state=ImportState.PREVIEWING)
    if not mine.update(state=ImportState.PREVIEWED, counts=counts):
        source.rows.all().delete()
    return counts


def counts_of(source: InstrumentImport) -> dict[str, int]:
    """How many rows there are of each verdict."""
    found = dict(source.rows.order_by().values_list("verdict").annotate(Count("pk")))
    return {verdict: found.get(verdict, 0) for verdict in Verdict.values}
