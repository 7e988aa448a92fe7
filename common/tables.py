"""Tables that people send and get: CSV as spreadsheet programs write it."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from django.utils.translation import gettext as _

from common.errors import WrongInput

ENCODINGS = ["utf-8-sig", "gb18030"]
LONGEST_CELL, WIDEST = 10_000, 200
PIECE = 256 * 1024  # bytes
# What a spreadsheet program says of a formula that went wrong.
ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"}
# What it would take for a formula or its error; with apostrophes before it, what we made of one, or could have.
FORMULA = re.compile(rf"'*(?:[=+\-@\t\r]|(?:{'|'.join(map(re.escape, sorted(ERRORS)))})\s*$)")


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8 (with or without a mark) or GB18030. Raises WrongInput (`file`) for anything else."""
    return data.decode(encoding_of(data))


def encoding_of(data: bytes) -> str:
    """In which of ENCODINGS a file is; the text itself is not kept. Raises WrongInput (`file`) where in none."""
    if b"\x00" in data:
        raise WrongInput("file", "invalid", _("This is no text file. Save the table as CSV."))
    for encoding in ENCODINGS:
        try:
            for _piece in pieces_of_text(data, encoding):
                pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise WrongInput("file", "encoding", _("The file is neither UTF-8 nor GB18030."))


def pieces_of_text(data: bytes, encoding: str) -> Iterator[str]:
    """The text of `data`, a piece at a time: all of it at once may take four times the file. UnicodeDecodeError."""
    return codecs.iterdecode((data[start : start + PIECE] for start in range(0, len(data), PIECE)), encoding)


def rows_of_csv(
    data: bytes, *, limit: int, longest_cell: int = LONGEST_CELL
) -> tuple[list[str], Iterator[tuple[int, dict[str, str]]]]:
    """The headers, and the rows with their line numbers. Raises WrongInput (`file`), also while one reads.

    For no header, a header given twice, more than `limit` rows, a cell beyond all measure. A cell ends after
    `longest_cell` characters.
    """
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding=encoding_of(data), newline=""))
    try:
        headers = [each.strip() for each in next(reader, [])]
    except csv.Error as error:
        raise WrongInput("file", "invalid", _("This is no CSV file: %(why)s.") % {"why": error}) from error
    refuse_headers(headers)
    return headers, _rows(reader, headers, limit, longest_cell)


def refuse_headers(headers: list[str]) -> None:
    """Raise WrongInput (`file`) for no name at all, too many, or one name twice."""
    named = [each for each in headers if each]
    if not named:
        raise WrongInput("file", "empty", _("The first line must name the columns."))
    if len(headers) > WIDEST:
        raise WrongInput("file", "too_wide", _("The table has more than %(limit)s columns.") % {"limit": WIDEST})
    if len(set(named)) < len(named):
        twice = next(each for each in named if named.count(each) > 1)
        raise WrongInput("file", "header_twice", _("The column “%(name)s” is there twice.") % {"name": twice[:40]})


def _rows(
    reader: Iterator[list[str]], headers: list[str], limit: int, longest_cell: int
) -> Iterator[tuple[int, dict[str, str]]]:
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            if count > limit:
                raise WrongInput("file", "too_long", _("The file has more than %(limit)s rows.") % {"limit": limit})
            row = zip(headers, cells, strict=False)
            yield getattr(reader, "line_num", count), {name: cell[:longest_cell] for name, cell in row if name}
    except csv.Error as error:
        raise WrongInput("file", "invalid", _("This is no CSV file: %(why)s.") % {"why": error}) from error


def csv_of(headers: list[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """A table as CSV with a byte-order mark, so that Chinese opens right; formulas are made harmless."""
    return b"".join(lines_of_csv(headers, rows))


def lines_of_csv(headers: list[str], rows: Iterable[Mapping[str, object]]) -> Iterator[bytes]:
    """The same piece by piece, for a table that is too long to be held as a whole."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow([_harmless(each) for each in headers])
    yield buffer.getvalue().encode("utf-8-sig")
    for row in rows:
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_harmless(row.get(name, "")) for name in headers])
        yield buffer.getvalue().encode()


def _harmless(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) else text


def meant(cell: str) -> str:
    """What a cell said before it was made harmless."""
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell
