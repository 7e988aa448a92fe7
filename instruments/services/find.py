"""Finding records by words: what is indexed of them, and how a query is taken."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from instruments.models import Alias, Instrument, TestItem
from instruments.querysets import SearchedQuerySet
from instruments.ranking import Reading, Sought, Thesaurus, names_around, of_instrument, of_test_item, understand

STARTER_ALIASES = Path(__file__).parents[1] / "data" / "aliases.csv"
ALIASES_LIVE = 60.0  # seconds: so late may a new alias work in another process
# Of each kind by itself: the first reading that finds enough; 3 where none does. The CTE is planned as if it were read
# to its end, by the index, and is not: a plain LIMIT is planned as a walk through the table, 0.5 s in 100,000 records.
AT_LEAST = """(WITH f AS MATERIALIZED (SELECT 1 FROM {table} WHERE {seen} AND search_vector @@ %s::tsquery)
SELECT count(*) FROM (SELECT 1 FROM f LIMIT 3) AS few) >= %s"""
STAGE = f"CASE WHEN {AT_LEAST} THEN 0 WHEN {AT_LEAST} THEN 1 WHEN {AT_LEAST} THEN 2 ELSE 3 END"
STAGES = "SELECT {}, {}".format(
    STAGE.format(table="instruments_instrument", seen="status <> 'retired'"),
    STAGE.format(table="instruments_testitem", seen="is_offered"),
)
EXACT, PARTLY = 0, 2
INDEXED = ["search_document", "search_vector", "indexed_under"]  # what `index` sets
AT_ONCE, AT_A_TIME = 5_000, 50  # records in one run, and locked together: somebody may want to book one


@dataclass(frozen=True)
class Readings:
    """How a query is taken among instruments, and how among test items."""

    of_instruments: Reading
    of_items: Reading


class _Known:
    """The thesaurus of this process, read anew after a minute."""

    thesaurus = Thesaurus([])
    until = 0.0


def index(record: Instrument | TestItem) -> None:
    """Set what a record is found by; the caller saves it. A test item must have its instruments already."""
    if isinstance(record, TestItem):
        used = Instrument.objects.filter(test_items=record) if record.pk else Instrument.objects.none()
        record.search_document, record.search_vector = of_test_item(record, used)
    else:
        record.search_document, record.search_vector = of_instrument(record)
    record.indexed_under = names_around(record)


def index_renamed() -> int:
    """Index anew what a facility, an institution or a class was renamed for since; returns how many records that were.

    Institutions are renamed below this room, which must notice by itself; for one renamed facility it is the same.
    """
    done = 0
    places = "facility__organisation"
    kinds: list[SearchedQuerySet[Any]] = [
        Instrument.objects.select_related(places, "category"),
        TestItem.objects.select_related(places),
    ]
    for records in kinds:
        renamed = list(records.indexed_under_other_names().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        for begin in range(0, len(renamed), AT_A_TIME):
            done += _index_those(records.filter(pk__in=renamed[begin : begin + AT_A_TIME]))
    return done


@transaction.atomic
def _index_those(records: SearchedQuerySet[Any]) -> int:
    locked = list(records.select_for_update(no_key=True, of=("self",), skip_locked=True))
    for record in locked:
        index(record)
        record.save(update_fields=INDEXED)
    return len(locked)


def thesaurus() -> Thesaurus:
    """What words mean the same, as the officers keep the table."""
    if time.monotonic() >= _Known.until:
        _Known.thesaurus = Thesaurus(Alias.objects.order_by("pk").values_list("words", flat=True))
        _Known.until = time.monotonic() + ALIASES_LIVE
    return _Known.thesaurus


def forget_aliases() -> None:
    """Read the aliases anew at the next query."""
    _Known.until = 0.0


def readings_of(words: str) -> Readings | None:
    """How a query is best taken: by the strictest reading that finds enough; None for no words.

    The choice looks at the whole catalogue, so that no filter beside the query changes its meaning.
    """
    if not words.strip():
        return None
    sought = understand(words, thesaurus())
    if not sought.literal:
        as_it_stands = Reading("exact", "", similar_to=words)
        return Readings(as_it_stands, as_it_stands)
    generous = [sought.exact, sought.wide, sought.partly, sought.similar]
    instruments, items = _stages(sought)
    if len(sought.words) < 2:  # a single word that is found among one kind is not stretched for the other
        instruments, items = _not_stretched(instruments, beside=items), _not_stretched(items, beside=instruments)
    return Readings(generous[instruments], generous[items])


def _not_stretched(stage: int, *, beside: int) -> int:
    return EXACT if stage >= PARTLY > beside else stage


def _stages(sought: Sought) -> tuple[int, int]:
    exact, wide, partly = (each.tsquery for each in (sought.exact, sought.wide, sought.partly))
    with connection.cursor() as cursor:
        cursor.execute(STAGES, [exact, sought.enough, wide, sought.enough, partly, 1] * 2)
        instruments, items = cursor.fetchone()
    return instruments, items


@transaction.atomic
def load_aliases() -> int:
    """Add the groups of the starter list whose first word no group has; returns how many were added."""
    known = {word.casefold() for words in Alias.objects.values_list("words", flat=True) for word in words}
    with STARTER_ALIASES.open(encoding="utf-8") as file:
        missing = [line for line in csv.reader(file) if line[0].casefold() not in known]
    Alias.objects.bulk_create(Alias(words=line) for line in missing)
    forget_aliases()
    return len(missing)
