"""Tables that people send and get: CSV as spreadsheet programs write it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from common.errors import WrongInput

ENCODINGS = ["utf-8-sig", "gb18030"]
LONGEST_CELL = 10_000
# What a spreadsheet program would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without a mark) or GB18030. Raises WrongInput (`file`) for anything else."""
    if b"\x00" in data:
        raise WrongInput("file", "invalid", _("This is no text file. Save the table as CSV."))
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongInput("file", "encoding", _("The file is neither UTF-8 nor GB18030."))


def rows_of_csv(data: bytes, *, limit: int) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """The headers, and the rows with their line numbers. Raises WrongInput (`file`), also while one reads.

    For no header, a header given twice, more than `limit` rows, a cell beyond all measure.
    """
    reader = csv.reader(io.StringIO(text_of(data), newline=""))
    try:
        headers = [each.strip() for each in next(reader, [])]
    except csv.Error as error:
        raise WrongInput("file", "invalid", _("This is no CSV file: %(why)s.") % {"why": error}) from error
    named = [each for each in headers if each]
    if not named:
        raise WrongInput("file", "empty", _("The first line must name the columns."))
    if len(set(named)) < len(named):
        twice = next(each for each in named if named.count(each) > 1)
        raise WrongInput("file", "header_twice", _("The column “%(name)s” is there twice.") % {"name": twice[:40]})
    return headers, _rows(reader, headers, limit)


def _rows(reader: Iterator[list[str]], headers: list[str], limit: int) -> Iterator[tuple[int, dict[str, str]]]:
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > limit:
                raise WrongInput("file", "too_long", _("The file has more than %(limit)s rows.") % {"limit": limit})
            row = zip(headers, cells, strict=False)
            yield getattr(reader, "line_num", count), {name: cell[:LONGEST_CELL] for name, cell in row if name}
    except csv.Error as error:
        raise WrongInput("file", "invalid", _("This is no CSV file: %(why)s.") % {"why": error}) from error


def csv_of(headers: list[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table as CSV with a byte-order mark, so that Chinese opens right; formulas are made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_harmless(each) for each in headers])
    writer.writerows([_harmless(row.get(name, "")) for name in headers] for row in rows)
    return buffer.getvalue().encode("utf-8-sig")


def _harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
