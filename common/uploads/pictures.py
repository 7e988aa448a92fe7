"""Pictures: made anew from their pixels, so that nothing of the file that was handed in is kept."""

from __future__ import annotations

import io
import re
import struct
import threading
import zlib
from dataclasses import dataclass

from PIL import Image

from common.errors import WrongInput
from common.uploads.marks import OTHER_ARCHIVES, refuse_mixed
from common.uploads.rules import plain_name, wrong

MOST_PIXELS = 40_000_000  # 160 MB in memory while it is unpacked; telephones make 12 to 50 million
# Transparency and WebP take three to four times as much memory for each pixel.
MOST_PIXELS_OF_THE_DEAR = 16_000_000
LONG_SIDE, SMALL_SIDE = 2400, 480  # pixels
QUALITY = 85
MOST_SCANS = 100  # of a progressive JPEG; programs make ten, an attacker thousands, each as dear as a whole picture
EXTENSIONS = {"JPEG": {"jpg", "jpeg"}, "PNG": {"png"}, "WEBP": {"webp"}}
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
PNG_START = b"\x89PNG\r\n\x1a\n"
NEXT_MARKER = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
ORIENTATION = 0x0112  # the EXIF tag that says which side was up (CIPA DC-008, 4.6.4)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# One large picture at a time: four at once would take most of a small server's memory.
_alone = threading.Lock()


@dataclass(frozen=True)
class Drawn:
    """A picture of our own making; sides in pixels."""

    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Picture:
    """What is kept of a picture: one for looking at, one for lists."""

    name: str
    media_type: str
    large: Drawn
    small: Drawn


def picture_of(data: bytes, *, name: str) -> Picture:
    """The picture, turned upright, at most 2400 pixels long, without metadata.

    Raises WrongInput (`file`) with the code of the rule that the bytes break.
    """
    kept_name, extension = plain_name(name)
    kind = kind_of(data)
    if extension not in set().union(*EXTENSIONS.values()):
        raise wrong("no_picture")
    if extension not in EXTENSIONS[kind]:
        raise wrong("extension", extension=extension)
    refuse_mixed(data)
    {"JPEG": _walk_jpeg, "PNG": _walk_png, "WEBP": _walk_webp}[kind](data)
    with _alone:
        large, small = _drawn_anew(data, kind)
    return Picture(kept_name, MEDIA_TYPES[kind], large, small)


def kind_of(data: bytes) -> str:
    """JPEG, PNG or WEBP, by the first bytes. Raises WrongInput (`no_picture`)."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(PNG_START):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WEBP"
    raise wrong("no_picture")


def _walk_jpeg(data: bytes) -> None:
    """From marker to marker (ITU T.81, B.1) to the end. Telephones put a second picture or notes behind it."""
    at, scans = 2, 0
    while marker := NEXT_MARKER.search(data, at):
        at, code = marker.end(), data[marker.end() - 1]
        if code == 0xD9:
            if data[at:].lstrip(b"\x00").startswith((b"PK", b"%PDF", b"<", b"GIF8", *OTHER_ARCHIVES)):
                raise wrong("mixed")
            return
        if code not in {0x01, 0xD8}:
            at += int.from_bytes(data[at : at + 2], "big")
        scans += code == 0xDA
        if scans > MOST_SCANS:
            raise wrong("unpacked")
    raise wrong("broken")


def _walk_png(data: bytes) -> None:
    """From chunk to chunk (ISO 15948, 5.3), each with its checksum, and nothing behind the last."""
    at, kind = len(PNG_START), b""
    while kind != b"IEND":
        length, kind = struct.unpack(">I4s", data[at : at + 8].ljust(8, b"\x00"))
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            raise wrong("broken")
        if kind == b"acTL":
            raise wrong("animated")
        at = end
    if at != len(data):
        raise wrong("mixed")


def _walk_webp(data: bytes) -> None:
    """From chunk to chunk of the RIFF file, whose size must be the file's."""
    size = int.from_bytes(data[4:8], "little") + 8
    if size > len(data):
        raise wrong("broken")
    if size + size % 2 < len(data):
        raise wrong("mixed")
    at = 12
    while at + 8 <= len(data):
        if data[at : at + 4] in {b"ANIM", b"ANMF"}:
            raise wrong("animated")
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + length + length % 2


def _drawn_anew(data: bytes, kind: str) -> tuple[Drawn, Drawn]:
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as image:
            # By the header: nothing is unpacked yet.
            dear = kind == "WEBP" or image.has_transparency_data
            most = MOST_PIXELS_OF_THE_DEAR if dear else MOST_PIXELS
            if image.width * image.height > most:
                raise wrong("pixels", limit=most // 1_000_000)
            # A JPEG can be unpacked at an eighth to a half of its size: that saves most of the memory.
            image.draft("RGB", (LONG_SIDE, LONG_SIDE))
            upright = _upright(image, kind)
    except WrongInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise wrong("pixels", limit=MOST_PIXELS // 1_000_000) from error
    except Exception as error:  # Pillow raises whatever it meets in a damaged file
        raise wrong("broken") from error
    large = _written(upright, kind)
    upright.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return large, _written(upright, kind)


def _upright(image: Image.Image, kind: str) -> Image.Image:
    """Small enough first, then turned: turning takes the memory of a second picture."""
    if image.mode.startswith("I"):  # 16 bits of grey, as microscopes write them
        image = image.point(lambda level: level * (1 / 256)).convert("L")  # type: ignore[operator]
    transparent = image.has_transparency_data and kind != "JPEG"
    grey = image.mode in {"1", "L"} and not transparent
    mode = "RGBA" if transparent else "L" if grey else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    plain.thumbnail((LONG_SIDE, LONG_SIDE))
    plain.load()  # as long as the file is open: a small picture has been looked at by nobody yet
    turned = plain.transpose(turn) if turn is not None else plain
    turned.info = {}  # a writer would take colour profile and comment from here
    return turned


def _written(image: Image.Image, kind: str) -> Drawn:
    buffer = io.BytesIO()
    more = {"JPEG": {"quality": QUALITY, "optimize": True, "progressive": True}, "WEBP": {"quality": QUALITY}}
    image.save(buffer, kind, **more.get(kind, {}))
    return Drawn(buffer.getvalue(), image.width, image.height)
