"""Plain text and tables as CSV: letters only, in an encoding that people have, without a cell that calculates."""

from __future__ import annotations

import re

from common.tables import ENCODINGS, PIECE, pieces_of_text
from common.uploads.marks import OTHER_ARCHIVES, refuse_mixed
from common.uploads.rules import wrong

CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# What other kinds of file begin with, although all their bytes may be letters.
OTHER_KINDS = (b"%PDF", b"GIF8", b"%!PS", b"{\\rtf", b"#!", b"MZ", b"PK\x03\x04", *OTHER_ARCHIVES)
# CSV injection (OWASP): a spreadsheet program would run it when the file is opened. A number may begin with a sign.
FORMULA = re.compile(r"""(?:^|[,;\t])["' ]*(?:=[^\s=,]|[@+\-][A-Za-z.]*\(|[@+\-][^,;\t|]*\|[^,;\t!]*!)""")


def refuse_unless_text(data: bytes, *, table: bool) -> None:
    """Raise WrongInput unless `data` is plain text; in a `table` no cell may be a formula."""
    refuse_mixed(data)
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if data.startswith(OTHER_KINDS) or re.match(rb"<[a-zA-Z!?/]", start):
        raise wrong("kind")
    encoding = next((each for each in ENCODINGS if _is_text(data, each)), None)
    if encoding is None:
        raise wrong("text")
    if table:
        _refuse_formulas(data, encoding)


def _is_text(data: bytes, encoding: str) -> bool:
    try:
        return not any(CONTROL.search(piece) for piece in pieces_of_text(data, encoding))
    except UnicodeDecodeError:
        return False


def _refuse_formulas(data: bytes, encoding: str) -> None:
    line, rest = 1, ""
    for piece in pieces_of_text(data, encoding):
        rows = re.split(r"\r\n|\r|\n", rest + piece)
        rest = rows.pop()[:PIECE]
        for row in rows:
            if FORMULA.search(row):
                raise wrong("formula", line=line)
            line += 1
    if FORMULA.search(rest):
        raise wrong("formula", line=line)
