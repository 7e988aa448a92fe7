"""The portal's own table: every field of an instrument under a Chinese or an English header."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from common.text import folded, in_reading_language
from instruments.formats.fields import BY_NAME, FIELDS, Field
from instruments.formats.row import Fields, Reasons, fields_of
from instruments.formats.values import BETWEEN_WORDS

NOT_WRITTEN = {"original_value_wan"}


def _key(header: str) -> str:
    """A header without what people add to it: spaces, colons, the asterisk of a required column."""
    return re.sub(r"[\s*:_]+", "", folded(header))


HEADERS = {_key(header): field.name for field in reversed(FIELDS) for header in reversed(field.headers)}


def guess(headers: Iterable[str]) -> dict[str, str]:
    """Which field stands under which header; '' for a header that nobody knows, or a second one for the same field."""
    found: dict[str, str] = {}
    for header in headers:
        name = HEADERS.get(_key(header), "")
        if header:
            found[header] = "" if name in found.values() else name
    return found


def record_of(cells: Mapping[str, str], mapping: Mapping[str, str]) -> tuple[Fields, Reasons]:
    """What a line says."""
    return fields_of(cells, mapping)


def header_of(field: Field) -> str:
    return in_reading_language(field.zh, field.en)


def written_headers() -> list[str]:
    return [header_of(field) for field in FIELDS if field.name not in NOT_WRITTEN]


def written(record: Mapping[str, Any]) -> dict[str, str]:
    """A record, by the names of our fields, as a line of this table; `record_of` reads the same from it."""
    return {header_of(field): _cell(field, record.get(field.name)) for field in FIELDS if field.name not in NOT_WRITTEN}


def _cell(field: Field, value: Any) -> str:
    if field.kind in WRITERS:
        return WRITERS[field.kind](field, value)
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _chosen(field: Field, value: str) -> str:
    assert field.choices
    return str(field.choices(value).label) if value else ""


def _flag(_field: Field, value: bool) -> str:  # noqa: FBT001 (it is the value that is written)
    return in_reading_language("是", "yes") if value else in_reading_language("否", "no")


def _words(_field: Field, words: list[str]) -> str:
    """A list in JSON where a word holds what stands between words."""
    if any(BETWEEN_WORDS.search(word) or set(word) & set("；，") or word[:1] in "[='" for word in words):
        return json.dumps(words, ensure_ascii=False)
    return "; ".join(words)


WRITERS: dict[str, Callable[[Field, Any], str]] = {
    "questions": lambda _field, value: json.dumps(value, ensure_ascii=False) if value else "",
    "words": lambda field, value: _words(field, value or []),
    "choices": lambda field, value: "; ".join(_chosen(field, each) for each in value or []),
    "choice": _chosen,
    "flag": _flag,
}


def is_known(name: str) -> bool:
    return name in BY_NAME
