"""PDF (ISO 32000-2): whole, open, and without anything that acts.

The structure is not trusted: what a reader takes for an object depends on tables that an attacker writes. So every
byte is looked at as it lies there, and once more as it unpacks behind each `stream`; wherever a reader goes, we were.
Only two things could hide an object from that: an object stream packed in another way, and a filter after the packing.
Both are refused.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from common.uploads.marks import EICAR, overlapping, refuse_mixed
from common.uploads.rules import MEGABYTE, wrong

# Names of actions and parts that do something, or that carry another file.
ACTIVE = [
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "FileAttachment", "GoToE", "GoToR", "SubmitForm",
    "ImportData", "RichMedia", "Rendition", "XFA",
]  # fmt: skip
UNPACKED_LIMIT = 256 * MEGABYTE  # of all its streams together; an atlas of scans has about a hundred
FIRST_PIECE, PIECE = 4 * 1024, 64 * 1024  # most streams are no ZLIB data, which the first bytes show
STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\n|\r)")
OBJECT = re.compile(rb"(?<!end)obj\b\s*<<")
END = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\x00]*\Z")
TABLE = re.compile(rb"\s*(?:xref\s|\d+\s+\d+\s+obj\b)")
TOKEN = re.compile(rb"<<|>>|/[^\x00\t\n\x0c\r ()<>\[\]{}/%]*|<[0-9A-Fa-f\s]*>|\(|%[^\r\n]*|[^/<>(%]+|.", re.DOTALL)
GAP = re.compile(rb"(?:[\s\x00]|%[^\r\n]*[\r\n])*+")
IN_STRING = re.compile(rb"\\.|[()]", re.DOTALL)
# All that an object stream needs (7.5.7): no other filter, no predictor behind it.
OF_OBJECT_STREAMS = {b"Type", b"ObjStm", b"N", b"First", b"Length", b"Filter", b"FlateDecode", b"Extends"}


def _named(names: list[str]) -> re.Pattern[bytes]:
    """Finds any of these names, each letter written plainly or as `#` and its number in hexadecimal (7.3.5)."""
    spelled = ["".join(f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in name) for name in names]
    return re.compile(rf"/(?P<name>{'|'.join(spelled)})(?=[\x00\s()<>\[\]{{}}/%]|\Z)".encode())


ACTS = _named(ACTIVE)
ENCRYPTS = _named(["Encrypt"])
CARRIES = re.compile(rb"/(?:E|#45)(?:F|#46)\s*(?:<<|\d+\s+\d+\s+R)")


def refuse_unless_pdf(data: bytes) -> None:
    """Raise WrongInput unless `data` is a whole, open, passive PDF."""
    end = END.search(data, max(0, len(data) - 1024))
    if not re.match(rb"%PDF-[12]\.\d\s", data) or end is None or b"/Root" not in data:
        raise wrong("broken")
    if not TABLE.match(data, int(end[1])):
        raise wrong("broken")
    refuse_mixed(data)
    if ENCRYPTS.search(data):
        raise wrong("encrypted")
    _refuse_active(data)
    allowance = _Allowance(len(data))
    packed = _object_streams(data, allowance)
    for keyword in STREAM.finditer(data):
        for piece in overlapping(_unpacked(data, keyword.end(), allowance, whole=keyword.start() in packed)):
            _refuse_active(piece)


class _Allowance:
    """How much may still be done: an attacker's objects and streams lie in one another, and the work with them.

    Words of dictionaries and bytes read for them; streams, bytes that are unpacked and bytes that come out.
    """

    def __init__(self, size: int) -> None:
        self.left = {
            "words": 4_000_000,  # three seconds
            "read": 3 * size,
            "streams": 50_000,
            "taken": 3 * size + 64 * MEGABYTE,
            "given": UNPACKED_LIMIT,
        }

    def spend(self, **amounts: int) -> None:
        for what, amount in amounts.items():
            self.left[what] -= amount
            if self.left[what] < 0:
                raise wrong("unpacked")


def _refuse_active(piece: bytes) -> None:
    if found := ACTS.search(piece):
        raise wrong("active", name=found["name"].decode())
    if CARRIES.search(piece):
        raise wrong("active", name="EF")
    if EICAR in piece:
        raise wrong("known_bad")


def _unpacked(data: bytes, at: int, allowance: _Allowance, *, whole: bool) -> Iterator[bytes]:
    """What lies packed at `at`, as far as it can be unpacked; `whole`: to its end, or it is broken."""
    allowance.spend(streams=1)
    inflater, size = zlib.decompressobj(), FIRST_PIECE
    try:
        while not inflater.eof:
            given = inflater.unconsumed_tail or data[at : at + size]
            at += 0 if inflater.unconsumed_tail else len(given)
            piece = inflater.decompress(given, MEGABYTE)
            if not given and not piece:  # all is taken, and nothing waits within
                break
            allowance.spend(taken=len(given) - len(inflater.unused_data), given=len(piece))
            yield piece
            size = PIECE
    except zlib.error:
        allowance.spend(taken=size)
    if whole and not inflater.eof:
        raise wrong("broken")


def _object_streams(data: bytes, allowance: _Allowance) -> set[int]:
    """Where `stream` stands after the dictionary of an object stream. Raises WrongInput for one packed oddly."""
    found = set[int]()
    for opening in OBJECT.finditer(data):
        names, end = _dictionary(data, opening.end(), allowance)
        if b"ObjStm" not in names and not {b"N", b"First"} <= names:
            continue
        keyword = GAP.match(data, end)
        assert keyword is not None  # it matches nothing, too
        allowance.spend(read=keyword.end() - end)
        if not data.startswith(b"stream", keyword.end()):
            continue
        if not names <= OF_OBJECT_STREAMS or b"FlateDecode" not in names:
            raise wrong("broken")
        found.add(keyword.end())
    return found


def _dictionary(data: bytes, at: int, allowance: _Allowance) -> tuple[set[bytes], int]:
    """The names in a dictionary that begins before `at`, and where it ends."""
    depth, names = 1, set[bytes]()
    while depth and (token := TOKEN.match(data, at)):
        start, at, word = at, token.end(), token[0]
        if word == b"(":
            at = _after_string(data, at)
        elif word in {b"<<", b">>"}:
            depth += 1 if word == b"<<" else -1
        elif word.startswith(b"/"):
            names.add(re.sub(rb"#([0-9A-Fa-f]{2})", lambda pair: bytes([int(pair[1], 16)]), word[1:]))
        allowance.spend(read=at - start, words=1)
    return names, at


def _after_string(data: bytes, at: int) -> int:
    """Where a string in (brackets, (nested) too) ends."""
    depth = 1
    while depth and (mark := IN_STRING.search(data, at)):
        at = mark.end()
        depth += {b"(": 1, b")": -1}.get(mark[0], 0)
    return at if not depth else len(data)
