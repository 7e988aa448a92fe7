"""Where there is no room left: how it is known, and how files are written so that it leaves nothing half-done."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext_noop

from common.db import sqlstate

FULL = {errno.ENOSPC, errno.EDQUOT}
DISK_FULL = "53100"  # as PostgreSQL says it; it ends the statement, and the transaction is undone
LITTLE = 64_000_000  # bytes; less, and the next pictures, or the next pieces of PostgreSQL's log, find no room
SAID = gettext_noop("There is no room left on the portal's disk. Nothing was changed; please try again later.")


def says_full(error: BaseException | None) -> bool:
    """Whether an error, or what lies behind it, is that there is no room: on our disk, or on PostgreSQL's."""
    while error is not None:
        if (isinstance(error, OSError) and error.errno in FULL) or sqlstate(error) == DISK_FULL:
            return True
        error = error.__cause__
    return False


def write_whole(path: Path, data: bytes, *, by_way_of: Path | None = None, mode: int = 0o666) -> None:
    """All of it or nothing, and on the disk itself when this returns; `by_way_of` is where it is written meanwhile.

    `mode` says who may read it, but for what the umask takes away.
    """
    arriving = (by_way_of or path.parent) / (path.name if by_way_of else f"{path.name}.{uuid4().hex}")
    for folder in (arriving.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    with taken_back_unless_done() as written:
        descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        written.append(arriving)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        arriving.rename(path)
    for folder in (path.parent, path.parent.parent):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def taken_back_unless_done() -> Iterator[list[Path]]:
    """Whatever the block adds to this list is gone when it ends by an error: where there is no room, bytes that belong
    to nothing must not wait for the sweep.
    """
    written: list[Path] = []
    try:
        yield written
    except Exception:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def room() -> int:
    """How many bytes DATA_DIR can still take."""
    folder = Path(settings.DATA_DIR)
    found = os.statvfs(next(each for each in (folder, *folder.parents) if each.exists()))
    return found.f_bavail * found.f_frsize
