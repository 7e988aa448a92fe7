"""One cell of a table as a value of its field, or the reason why it is none."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from unicodedata import category, normalize

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import TextChoices
from django.utils.translation import override

from common.tables import ERRORS, meant
from common.text import folded, tidy
from instruments.formats.countries import country_of
from instruments.formats.fields import LONGEST_TEXT, NEVER_EMPTY, Field
from instruments.formats.reasons import reason

YES = {"是", "有", "yes", "y", "true", "1", "√", "✓"}
NO = {"否", "无", "no", "n", "false", "0", "×"}
BETWEEN_WORDS = re.compile(r"[;,、|\n]")
# Spreadsheets count days from 1899-12-30 (their 1900 was a leap year); 10,000 is 1927, 80,000 is 2119.
DAY_ZERO, A_SERIAL = date(1899, 12, 30), re.compile(r"[1-7]\d{4}(\.0+)?")
A_DATE = re.compile(r"(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?(?:[ T]00:00(:00)?)?|(\d{4})(\d{2})(\d{2})")
# So that a line with a formula, which comes back, is refused again until somebody mends it.
A_FORMULA_WAS_HERE = "#FORMULA!"
LARGEST = Decimal("999999999999.99")
KEEP = object()
A_URL = URLValidator(schemes=["http", "https"])


class CellError(Exception):
    """Why a cell is no value of its field: a reason's code and figures."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def value_of(field: Field, cell: str) -> Any:
    """The cell as a value; KEEP where it is empty and cannot empty the field. Raises CellError."""
    if cell.lstrip().startswith("="):
        raise CellError("formula")
    text = meant(cell)
    if cell.strip() in ERRORS or text.startswith(A_FORMULA_WAS_HERE):
        raise CellError("error_cell", value=text.strip())
    if not text.strip():
        return KEEP if field.name in NEVER_EMPTY else deepcopy(EMPTY.get(field.kind, ""))
    return READERS[field.kind](field, text)


def sent_back(cell: str) -> str:
    """A cell of a wrong line as the file of wrong lines holds it."""
    return f"{A_FORMULA_WAS_HERE} {cell}" if cell.lstrip().startswith("=") else meant(cell)


def reasons_of(field: Field, fault: CellError) -> dict[str, Any]:
    return reason(fault.code, field.name, **fault.values)


def lines(text: str) -> str:
    """A longer text: NFC, line ends as they are everywhere, no space around it."""
    return normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")).strip()


def _printable(text: str) -> str:
    if any(category(letter) in {"Cc", "Cs"} and letter not in "\t\n\r" for letter in text):
        raise CellError("control_character")
    return text


def _short(text: str, limit: int) -> str:
    if len(text) > limit:
        raise CellError("too_long", limit=limit)
    return _printable(text)


def _line(field: Field, text: str) -> str:
    return _short(tidy(text), field.longest or 300)


def _text(_field: Field, text: str) -> str:
    return _short(lines(text), LONGEST_TEXT)


def _words(field: Field, text: str) -> list[str]:
    """Words between separators, or a JSON list where a word holds a separator itself."""
    words: list[Any] = BETWEEN_WORDS.split(text.replace("；", ";").replace("，", ","))
    if text.strip().startswith("["):
        try:
            listed = json.loads(text)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list) and all(isinstance(each, str) for each in listed):
            words = listed
    tidied = [_short(tidy(each), field.longest) for each in words]
    return [each for each in tidied if each]


@cache
def words_of(choices: type[TextChoices]) -> dict[str, str]:
    """Every way to write a choice: its code, and its word in both languages."""
    found = {folded(value): value for value in choices.values}
    for language in ("zh-hans", "en"):
        with override(language):
            found |= {folded(str(each.label)): each.value for each in choices}
    return found


def _choice(field: Field, text: str) -> str:
    assert field.choices
    known = words_of(field.choices).get(folded(text))
    if known is None:
        raise CellError("not_a_choice", value=tidy(text), choices=", ".join(field.choices.values))
    return known


def _choices(field: Field, text: str) -> list[str]:
    assert field.choices
    pieces = [each for each in BETWEEN_WORDS.split(text.replace("；", ";").replace("，", ",")) if each.strip()]
    chosen = {_choice(field, each) for each in pieces}
    return [value for value in field.choices.values if value in chosen]


def _flag(_field: Field, text: str) -> bool:
    word = folded(text)
    if word not in YES | NO:
        raise CellError("not_a_flag", value=tidy(text))
    return word in YES


def _value(_field: Field, text: str, times: int = 1) -> Decimal:
    plain = re.sub(r"[\s,¥￥元]|cny|rmb", "", normalize("NFKC", text), flags=re.IGNORECASE)
    try:
        # Longer than any sum of money; an exponent would let a few letters fill the memory.
        amount = Decimal(plain) if re.fullmatch(r"[+-]?\d{0,30}(\.\d{0,20})?(e[+-]?\d{1,2})?", plain, re.I) else None
    except InvalidOperation:
        amount = None
    if amount is None:
        raise CellError("not_a_number", value=tidy(text))
    amount *= times
    if amount < 0:
        raise CellError("negative", value=tidy(text))
    if amount > LARGEST:
        raise CellError("too_large", value=tidy(text))
    if amount != (exact := amount.quantize(Decimal("0.01"))):
        raise CellError("too_precise", value=tidy(text))
    return exact


def _ten_thousands(field: Field, text: str) -> Decimal:
    return _value(field, text.replace("万", ""), times=10_000)


def _date(_field: Field, text: str) -> date:
    plain = tidy(normalize("NFKC", text))
    try:
        if A_SERIAL.fullmatch(plain):
            return DAY_ZERO + timedelta(days=int(float(plain)))
        if found := A_DATE.fullmatch(plain):
            year, month, day = found.group(1, 2, 3) if found.group(1) else found.group(5, 6, 7)
            return date(int(year), int(month), int(day))
    except ValueError:
        pass
    raise CellError("not_a_date", value=tidy(text))


def _count(_field: Field, text: str) -> int:
    plain = tidy(normalize("NFKC", text))
    if not re.fullmatch(r"[0-9]{1,4}", plain):
        raise CellError("not_a_number", value=plain)
    return int(plain)


def _country(_field: Field, text: str) -> str:
    code = country_of(text)
    if code is None:
        raise CellError("not_a_country", value=tidy(text))
    return code


def _slug(field: Field, text: str) -> str:
    plain = _short(tidy(text), field.longest)
    if not re.fullmatch(r"[-a-zA-Z0-9_]+", plain):
        raise CellError("not_a_slug", value=plain)
    return plain


def _url(field: Field, text: str) -> str:
    plain = _short(text.strip(), field.longest)
    try:
        A_URL(plain)
    except ValidationError as error:
        raise CellError("not_a_url", value=plain) from error
    return plain


def _questions(_field: Field, text: str) -> list[Any]:
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CellError("not_questions") from error
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise CellError("not_questions")
    return listed


READERS: dict[str, Callable[[Field, str], Any]] = {
    "line": _line, "text": _text, "words": _words, "choice": _choice, "choices": _choices, "flag": _flag,
    "value": _value, "ten_thousands": _ten_thousands, "date": _date, "count": _count, "country": _country,
    "slug": _slug, "url": _url, "questions": _questions, "place": lambda _field, text: tidy(text),
}  # fmt: skip
# What an empty cell says, where that is not the empty text.
EMPTY: dict[str, Any] = {
    "value": None, "ten_thousands": None, "date": None, "count": None,
    "words": [], "choices": [], "questions": [], "flag": False,
}  # fmt: skip
