"""Finding records by words: what is indexed of them, and how a query is taken."""

from __future__ import annotations

import csv
import time
from pathlib import Path

from django.db import connection, transaction

from instruments.models import Alias, Instrument, TestItem
from instruments.ranking import Reading, Sought, Thesaurus, of_instrument, of_test_item, understand

STARTER_ALIASES = Path(__file__).parents[1] / "data" / "aliases.csv"
ALIASES_LIVE = 60.0  # seconds: so late may a new alias work in another process
# Taken in this order; the first that finds enough is the query's meaning, the same for every filter beside it.
FOUND_BY = """
SELECT count(*) FROM (
    (SELECT 1 FROM instruments_instrument WHERE search_vector @@ %s::tsquery AND status <> 'retired' LIMIT 3)
    UNION ALL
    (SELECT 1 FROM instruments_testitem WHERE search_vector @@ %s::tsquery AND is_offered LIMIT 3)
) AS found
"""
CHOOSE = f"""
SELECT CASE WHEN ({FOUND_BY}) >= %s THEN 0 WHEN ({FOUND_BY}) >= %s THEN 1 WHEN ({FOUND_BY}) > 0 THEN 2 ELSE 3 END
"""


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


def thesaurus() -> Thesaurus:
    """What words mean the same, as the officers keep the table."""
    if time.monotonic() >= _Known.until:
        _Known.thesaurus = Thesaurus(Alias.objects.order_by("pk").values_list("words", flat=True))
        _Known.until = time.monotonic() + ALIASES_LIVE
    return _Known.thesaurus


def forget_aliases() -> None:
    """Read the aliases anew at the next query."""
    _Known.until = 0.0


def reading_of(words: str) -> Reading | None:
    """How a query is best taken: the strictest reading that finds something in the catalogue; None for no words."""
    if not words.strip():
        return None
    known = thesaurus()
    sought = understand(words, known)
    if not sought.literal:
        return Reading("exact", "", similar_to=words)
    return _readings(sought, known)[_first_that_finds(sought)]


def _readings(sought: Sought, known: Thesaurus) -> list[Reading]:
    return [sought.exact, sought.wide, sought.partly, sought.similar(known)]


def _first_that_finds(sought: Sought) -> int:
    exact, wide, partly = (each.tsquery for each in (sought.exact, sought.wide, sought.partly))
    with connection.cursor() as cursor:
        cursor.execute(CHOOSE, [exact, exact, sought.enough, wide, wide, sought.enough, partly, partly])
        return int(cursor.fetchone()[0])


@transaction.atomic
def load_aliases() -> int:
    """Add the groups of the starter list whose first word no group has; returns how many were added."""
    known = {word.casefold() for words in Alias.objects.values_list("words", flat=True) for word in words}
    with STARTER_ALIASES.open(encoding="utf-8") as file:
        missing = [line for line in csv.reader(file) if line[0].casefold() not in known]
    Alias.objects.bulk_create(Alias(words=line) for line in missing)
    forget_aliases()
    return len(missing)
