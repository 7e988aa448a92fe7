"""Tables as XLSX workbooks, read without trust: what a workbook claims to be is looked at before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from common.errors import WrongInput
from common.tables import LONGEST_CELL, WIDEST, refuse_headers, rows_of_csv

ZIP_MARK = b"PK\x03\x04"
MOST_MEMBERS = 1000
LARGEST_UNPACKED, LARGEST_STRINGS = 150 * 1024 * 1024, 60 * 1024 * 1024
# Sheets that say the same in every row reach forty; what lies beyond is made to burst.
TIGHTEST, MAY_BE_TIGHT = 100, 1024 * 1024
BROKEN = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError, OSError)

Rows = Iterator[tuple[int, dict[str, str]]]


def rows_of_table(data: bytes, *, limit: int, longest_cell: int = LONGEST_CELL) -> tuple[list[str], Rows]:
    """The headers and rows of a table, CSV or the first sheet of an XLSX workbook. Raises WrongInput (`file`)."""
    if data.startswith(ZIP_MARK):
        return rows_of_xlsx(data, limit=limit, longest_cell=longest_cell)
    return rows_of_csv(data, limit=limit, longest_cell=longest_cell)


def rows_of_xlsx(data: bytes, *, limit: int, longest_cell: int = LONGEST_CELL) -> tuple[list[str], Rows]:
    """The first sheet's headers, and its rows with their line numbers; raises as `rows_of_csv` does.

    Dates become ISO 8601, a formula the text of the formula (which begins with `=`): its last result may be stale.
    """
    _refuse_bomb(data)
    try:
        # read_only: rows come one at a time. The links and the claimed size of a sheet are not believed.
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=WIDEST + 1)
        first = [_text(cell, longest_cell).strip() for cell in next(rows, ())]
    except BROKEN as error:
        raise _broken() from error
    while first and not first[-1]:
        first.pop()
    refuse_headers(first)
    return first, _rows(rows, first, limit, longest_cell)


def _refuse_bomb(data: bytes) -> None:
    """Raise WrongInput for an archive that would unpack to more than a table is; nothing is unpacked for that.

    The sizes are those that the archive claims: Python's zipfile unpacks no byte more than was claimed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except BROKEN as error:
        raise _broken() from error
    strings = sum(each.file_size for each in members if "sharedstrings" in each.filename.lower())
    tight = any(
        each.file_size > MAY_BE_TIGHT and each.file_size > TIGHTEST * max(each.compress_size, 1) for each in members
    )
    total = sum(each.file_size for each in members)
    if tight or len(members) > MOST_MEMBERS or total > LARGEST_UNPACKED or strings > LARGEST_STRINGS:
        raise WrongInput("file", "zip_bomb", _("The workbook would unpack to far more than a table. Save it as CSV."))


def _broken() -> WrongInput:
    return WrongInput("file", "invalid", _("This is no XLSX workbook that can be read. Save the table as CSV."))


def _rows(rows: Iterator[tuple[Any, ...]], headers: list[str], limit: int, longest_cell: int) -> Rows:
    count, line = 0, 1
    try:
        for cells in rows:
            line += 1
            texts = [_text(cell, longest_cell) for cell in cells[: len(headers)]]
            if not any(text.strip() for text in texts):
                continue
            count += 1
            if count > limit:
                raise WrongInput("file", "too_long", _("The file has more than %(limit)s rows.") % {"limit": limit})
            yield line, {name: text for name, text in zip(headers, texts, strict=False) if name}
    except BROKEN as error:
        raise _broken() from error


def _text(cell: Any, longest: int) -> str:
    """A cell as a table of text would hold it."""
    value = cell.value
    if cell.data_type == "f":
        formula = str(getattr(value, "text", None) or value)
        return formula[:longest] if formula.startswith("=") else f"={formula}"[:longest]
    return "" if value is None else _plain(value).replace("\x00", "")[:longest]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and abs(value) < 1e15:
        # Fifteen digits are what a spreadsheet shows: 0.1 + 0.2 is 0.3 there.
        return f"{value:.15g}"
    return str(value).upper() if isinstance(value, bool) else str(value)
