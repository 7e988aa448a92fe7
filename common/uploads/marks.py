"""Marks of what no file of ours may hold: a second file behind the first, a page's or program's text, test viruses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from common.uploads.rules import wrong

# The EICAR test string, put together here so that a scanner does not take this module for a virus.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
ZIP_END, ZIP_END_SIZE = b"PK\x05\x06", 22
LONGEST_ZIP_COMMENT = 65_535
# Seven bytes or more each: they do not come about by chance in twenty megabytes of a picture.
PAGE = re.compile(rb"<(?:script|html|svg|iframe|body|object|\?php|!doctype html)[\s>/]", re.IGNORECASE)
OVERLAP = 256  # bytes that a piece shares with the one before it: longer than anything that is looked for
OTHER_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"MZ\x90\x00", b"\x7fELF")


def refuse_mixed(data: bytes) -> None:
    """Raise WrongInput for a second file or a page's text inside or behind `data`."""
    if EICAR in data:
        raise wrong("known_bad")
    if PAGE.search(data) or zip_behind(data):
        raise wrong("mixed")


def zip_behind(data: bytes) -> bool:
    """Whether a program for archives would find the end of one: it looks at the last 64 KB, as APPNOTE 4.3.16 says."""
    tail = max(0, len(data) - LONGEST_ZIP_COMMENT - ZIP_END_SIZE)
    return data.find(ZIP_END, tail) >= 0


def overlapping(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each piece with the end of the one before it, so that nothing hides on the border."""
    before = b""
    for piece in pieces:
        yield before + piece
        before = (before + piece)[-OVERLAP:]
