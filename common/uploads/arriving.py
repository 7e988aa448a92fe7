"""While a file arrives: never more of it than its limit, neither in memory nor on the disk."""

from __future__ import annotations

import io
from typing import Any, Protocol

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from common.uploads.rules import DOCUMENT_LIMIT, too_large, wrong

PIECE = 64 * 1024


class Readable(Protocol):
    """What a file must be able to do to be looked at; `name` and `size` are asked for where they are there."""

    def read(self, size: int = -1, /) -> bytes: ...


class TooLarge(SimpleUploadedFile):
    """What is left of a file that was larger than any that we take: its name and how many bytes were sent."""

    def __init__(self, name: str, *, sent: int) -> None:
        super().__init__(name, b"")
        self.size = sent


class UploadWithinLimit(TemporaryFileUploadHandler):
    """Django's handler of files on the disk; what lies beyond the largest limit is let go by as it comes.

    The request is read to its end, so that the page can say why, and 200 MB leave 20 MB on the disk for a moment.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.sent = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.sent = start + len(raw_data)
        if self.sent <= DOCUMENT_LIMIT:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self.sent <= DOCUMENT_LIMIT:
            return super().file_complete(file_size)
        self.file.close()
        return TooLarge(self.file_name or "", sent=self.sent)


def name_of(upload: object) -> str:
    """The name that came with the bytes, '' without one."""
    return str(getattr(upload, "name", "") or "")


def bytes_of(upload: Readable | bytes, *, limit: int) -> bytes:
    """All of it. Raises WrongInput (`too_large`, `empty`) before more than `limit` bytes are in memory."""
    if not isinstance(upload, bytes) and (getattr(upload, "size", None) or 0) > limit:
        raise too_large(limit)
    source: Readable = io.BytesIO(upload) if isinstance(upload, bytes) else upload
    pieces, left = [], limit
    while piece := source.read(PIECE):
        left -= len(piece)
        if left < 0:
            raise too_large(limit)
        pieces.append(piece)
    if not pieces:
        raise wrong("empty")
    return b"".join(pieces)
