"""Text as people type it, brought into one shape before it is stored, searched or compared."""

from __future__ import annotations

import unicodedata
from typing import overload

from django.utils.translation import get_language


def tidy(text: str) -> str:
    """NFC, outer and doubled spaces gone, NUL bytes gone; Chinese punctuation stays as it was written."""
    composed = unicodedata.normalize("NFC", text)
    # A few characters grow when they are composed; what was short enough must stay so.
    return " ".join((composed if len(composed) <= len(text) else text).replace("\x00", "").split())


def folded(text: str) -> str:
    """For comparing: tidy, NFKC (full-width letters become plain), in lower case."""
    return tidy(unicodedata.normalize("NFKC", text)).lower()


def search_text(*parts: str) -> str:
    """What a search looks into: folded, with a space between the parts."""
    return folded(" ".join(part for part in parts if part))


class Bilingual:
    """Reads the pair `name_zh`, `name_en` in the reader's language; the other one where it is empty.

    `name = Bilingual("name")` on a model that has both columns.
    """

    def __init__(self, field: str) -> None:
        self.field = field

    @overload
    def __get__(self, instance: None, owner: type) -> Bilingual: ...

    @overload
    def __get__(self, instance: object, owner: type) -> str: ...

    def __get__(self, instance: object | None, owner: type) -> str | Bilingual:
        if instance is None:
            return self
        return in_language(instance, self.field, get_language() or "")


def in_language(instance: object, field: str, language: str) -> str:
    """One of the pair `field_zh`, `field_en` of `instance`."""
    chinese: str = getattr(instance, f"{field}_zh")
    english: str = getattr(instance, f"{field}_en")
    return (english or chinese) if language.startswith("en") else (chinese or english)


def in_reading_language(chinese: str, english: str) -> str:
    """One of a pair of words that is no model's, in the reader's language; the other one where it is empty."""
    return (english or chinese) if (get_language() or "").startswith("en") else (chinese or english)
