"""What lies in a ZIP file (APPNOTE 6.3.10), and whether it may be unpacked at all: asked before that is done."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator

from common.uploads.marks import ZIP_END, ZIP_END_SIZE
from common.uploads.rules import MEGABYTE, wrong

MOST_MEMBERS = 2_000  # a workbook of five hundred sheets, each with its drawing and its links
LARGEST_DIRECTORY = MEGABYTE
UNPACKED_LIMIT = 200 * MEGABYTE  # a sheet of a million rows
STEEPEST = 200  # times smaller: XML of numbers packs to a tenth; zeros to a thousandth
SMALL = MEGABYTE  # below this a steep member does no harm
LOCAL_HEADER = 30
DESCRIPTOR = 24  # bytes that may follow a member (4.3.9)
PIECE = 64 * 1024
PLAIN_PATH = re.compile(r"[^\x00-\x1f\\:*?\"<>|\x7f]{1,200}")


def members_of(data: bytes) -> list[zipfile.ZipInfo]:
    """The files in it. Raises WrongInput for anything odd: other data around, paths that lead out, bombs."""
    _refuse_odd_directory(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            members = opened.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
        raise wrong("broken") from error
    _refuse_odd_members(members)
    _refuse_odd_places(data, members)
    return [each for each in members if not each.is_dir()]


def _refuse_odd_directory(data: bytes) -> None:
    """Before the library reads the directory: it would make an object of each of a million entries."""
    end = data.rfind(ZIP_END)
    if end < 0 or len(data) - end < ZIP_END_SIZE:
        raise wrong("broken")
    disk, _first, here, count, size, start, comment = struct.unpack("<4H2LH", data[end + 4 : end + ZIP_END_SIZE])
    if end + ZIP_END_SIZE + comment != len(data) or start + size != end or disk or here != count:
        raise wrong("mixed")
    if count > MOST_MEMBERS or size > LARGEST_DIRECTORY:
        raise wrong("unpacked")


def _refuse_odd_members(members: list[zipfile.ZipInfo]) -> None:
    names = [each.filename.lower() for each in members]
    if len(set(names)) < len(names):
        raise wrong("mixed")
    for each in members:
        if not PLAIN_PATH.fullmatch(each.orig_filename) or {"", ".", ".."} & {*each.filename.rstrip("/").split("/")}:
            raise wrong("name")
        if each.flag_bits & 0x2041:  # encrypted, in one way or another
            raise wrong("encrypted")
        if each.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} or stat.S_ISLNK(
            each.external_attr >> 16
        ):
            raise wrong("broken")
        if each.file_size > SMALL and each.file_size > STEEPEST * each.compress_size:
            raise wrong("unpacked")
    if sum(each.file_size for each in members) > UNPACKED_LIMIT:
        raise wrong("unpacked")


def _refuse_odd_places(data: bytes, members: list[zipfile.ZipInfo]) -> None:
    """Members lie one behind the other: none inside another (a bomb that shares its powder), nothing between them."""
    at = 0
    for each in sorted(members, key=lambda member: member.header_offset):
        if not 0 <= each.header_offset - at <= DESCRIPTOR * bool(at):
            raise wrong("mixed")
        at = content_of(data, each)[1]
    if data[at : at + DESCRIPTOR + 4].find(b"PK\x01\x02") < 0:
        raise wrong("mixed")


def content_of(data: bytes, member: zipfile.ZipInfo) -> tuple[int, int]:
    """Where a member's packed bytes begin and end."""
    header = data[member.header_offset : member.header_offset + LOCAL_HEADER]
    if len(header) < LOCAL_HEADER or not header.startswith(b"PK\x03\x04"):
        raise wrong("broken")
    name, extra = struct.unpack("<2H", header[26:30])
    start = member.header_offset + LOCAL_HEADER + name + extra
    if data[member.header_offset + LOCAL_HEADER :][:name] != member.orig_filename.encode(
        "utf-8" if member.flag_bits & 0x800 else "cp437"
    ):
        raise wrong("mixed")
    return start, start + member.compress_size


def unpacked(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's contents, piece by piece, never more than it says. Raises WrongInput when it lies."""
    start, end = content_of(data, member)
    inflater = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
    size, checksum = 0, 0
    try:
        for piece in _inflated(memoryview(data)[start:end], inflater):
            size, checksum = size + len(piece), zlib.crc32(piece, checksum)
            if size > member.file_size:
                raise wrong("unpacked")
            yield piece
    except zlib.error as error:
        raise wrong("broken") from error
    if size != member.file_size or checksum != member.CRC or (inflater and not inflater.eof):
        raise wrong("broken")


def _inflated(packed: memoryview, inflater: zlib._Decompress | None) -> Iterator[bytes]:
    for at in range(0, len(packed), PIECE):
        given = bytes(packed[at : at + PIECE])
        while given:
            yield inflater.decompress(given, PIECE * 4) if inflater else given
            given = inflater.unconsumed_tail if inflater else b""
