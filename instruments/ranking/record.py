"""What of a record is searched, and how much it weighs: names A, techniques B, descriptions C, surroundings D."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from hashlib import md5
from typing import Any

from common.text import search_text
from instruments.ranking.pinyin import by_name
from instruments.ranking.tokens import vector_of

DOCUMENT_LIMIT = 20_000
# Names that a record is found by and that others keep: the querysets ask PostgreSQL for the same.
AROUND = [f"{place}__name_{language}" for place in ("facility", "facility__organisation") for language in ("zh", "en")]
AROUND_INSTRUMENT = [*AROUND, "category__name_zh", "category__name_en"]


def of_instrument(instrument: Any) -> tuple[str, str]:
    """An instrument's search document and its tsvector; takes the record of a migration, too."""
    category = instrument.category
    return _indexed(
        instrument,
        names=[instrument.name_zh, instrument.name_en, instrument.model, instrument.inner_number],
        techniques=[
            *instrument.techniques,
            *instrument.keywords,
            instrument.manufacturer,
            *instrument.standards,
            *([category.name_zh, category.name_en] if category else []),
        ],
        descriptions=[
            *_both(instrument, "summary", "functions"),
            *instrument.materials,
            *_both(instrument, "indicators", "accessories"),
        ],
    )


def names_around(record: Any) -> str:
    """The MD5 of the names that a record is indexed under and that others may change."""
    around = AROUND_INSTRUMENT if hasattr(record, "category") else AROUND
    names = [reduce(lambda found, step: found and getattr(found, step), path.split("__"), record) for path in around]
    return md5("\n".join(name for name in names if name is not None).encode(), usedforsecurity=False).hexdigest()


def of_test_item(item: Any, instruments: Iterable[Any]) -> tuple[str, str]:
    """The same for a test item, which is found by the instruments that it uses, too."""
    used = list(instruments)
    return _indexed(
        item,
        names=[item.name_zh, item.name_en],
        techniques=[*item.techniques, *item.keywords, *item.standards],
        descriptions=[
            *_both(item, "purpose", "sample_form"),
            *item.materials,
            *(text for each in used for text in (each.name_zh, each.name_en, each.model)),
        ],
    )


def _indexed(record: Any, *, names: list[str], techniques: list[str], descriptions: list[str]) -> tuple[str, str]:
    facility = record.facility
    around = [*_both(facility, "name"), *_both(facility.organisation, "name")]
    # The document begins with how the name sounds: it is what lists of names are sorted by.
    document = search_text(by_name(record.name_zh), *names, *techniques, *descriptions, *around)[:DOCUMENT_LIMIT]
    weighed = [("A", names), ("B", techniques), ("C", descriptions), ("D", around)]
    return document, vector_of(weighed, sounded=[record.name_zh, *record.techniques, *record.keywords])


def _both(record: Any, *fields: str) -> list[str]:
    return [getattr(record, f"{field}_{language}") for field in fields for language in ("zh", "en")]
