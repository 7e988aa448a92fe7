"""Files that people hand in: looked at, kept, dropped; and what a crash left behind.

The bytes come first and the row second, so a row never points to nothing. What a crash or a rollback leaves is a file
without a row: the sweep takes it away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from common.clamd import refuse_infected
from common.disk import taken_back_unless_done, write_whole
from common.uploads import DOCUMENT_LIMIT, PICTURE_LIMIT, bytes_of, document_of, name_of, picture_of
from common.uploads.arriving import Readable
from records.models import StoredFile
from records.rules import kept_for

log = structlog.get_logger()

# Longer than any transaction or upload that could still be on its way to its row.
LEFT_ALONE = kept_for("files_without_rows")
ARRIVING = "arriving"  # the folder under DATA_DIR/files where files are written before they get their place
AT_ONCE = 1000
PICTURE_ENDINGS = {"jpg", "jpeg", "png", "webp"}


@transaction.atomic
def keep_picture(upload: Readable | bytes, *, by: Any, name: str = "", public: bool = False) -> StoredFile:
    """Keep a picture, drawn anew, and its small twin (`.small`); raises WrongInput (`file`), or Refused if infected.

    `name` is for bytes that come without one.
    """
    data = bytes_of(upload, limit=PICTURE_LIMIT)
    picture = picture_of(data, name=name or name_of(upload))
    refuse_infected(data)
    kept = None
    with taken_back_unless_done() as written:
        for drawn in (picture.small, picture.large):
            sides = {"width": drawn.width, "height": drawn.height, "small": kept}
            row = StoredFile(name=picture.name, media_type=picture.media_type, by=by, public=public, **sides)
            kept = _kept(row, drawn.data, written)
    assert kept is not None
    return kept


@transaction.atomic
def keep_document(upload: Readable | bytes, *, by: Any, name: str = "", public: bool = False) -> StoredFile:
    """Keep a document as it came; raises WrongInput (`file`), or Refused if infected."""
    data = bytes_of(upload, limit=DOCUMENT_LIMIT)
    document = document_of(data, name=name or name_of(upload))
    refuse_infected(data)
    row = StoredFile(name=document.name, media_type=document.media_type, by=by, public=public)
    with taken_back_unless_done() as written:
        return _kept(row, document.data, written)


def keep_either(upload: Readable | bytes, *, by: Any, name: str = "") -> StoredFile:
    """A picture or a document, by the ending of its name: a scan may come as either. Never public."""
    ending = (name or name_of(upload)).rpartition(".")[2].lower()
    keep = keep_picture if ending in PICTURE_ENDINGS else keep_document
    return keep(upload, by=by, name=name)


def _kept(row: StoredFile, data: bytes, written: list[Path]) -> StoredFile:
    row.sha256, row.size = hashlib.sha256(data).hexdigest(), len(data)
    write_whole(row.path, data, by_way_of=_folder() / ARRIVING)  # on the disk itself before a row can speak of it
    written.append(row.path)
    row.save(force_insert=True)
    return row


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "files"


@transaction.atomic
def drop_file(stored: StoredFile, *, by: Any) -> None:
    """Delete it and its small twin; the bytes go when the transaction is through."""
    both = [stored, *([stored.small] if stored.small else [])]
    paths = [each.path for each in both]
    log.info("file_dropped", file=str(stored.pk), by=str(by.pk) if by else "")
    for each in both:
        each.delete()
    transaction.on_commit(lambda: _unlink(paths))


def _unlink(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def sweep_files() -> int:
    """Delete files that have had no row for a day (a crash, a rollback); returns how many.

    Any number may do it at once.
    """
    count = 0
    for paths in _in_heaps(_old_files()):
        known = set(StoredFile.objects.filter(pk__in=paths).values_list("pk", flat=True))
        for key, path in paths.items():
            if key not in known:
                path.unlink(missing_ok=True)
                count += 1
    if count:
        log.warning("files_without_rows_swept", count=count)
    return count


def _in_heaps(files: Iterator[tuple[UUID, Path]]) -> Iterator[dict[UUID, Path]]:
    heap: dict[UUID, Path] = {}
    for key, path in files:
        heap[key] = path
        if len(heap) == AT_ONCE:
            yield heap
            heap = {}
    if heap:
        yield heap


def _old_files() -> Iterator[tuple[UUID, Path]]:
    """Files of ours that are older than a day: only those in our folders, and only those that an id names."""
    before = (timezone.now() - LEFT_ALONE).timestamp()
    folders = [f"{number:02x}" for number in range(256)]
    for folder in (_folder() / name for name in [ARRIVING, *folders]):
        for path in folder.iterdir() if folder.is_dir() else []:
            try:
                key, changed = UUID(path.name), path.stat().st_mtime
            except (ValueError, FileNotFoundError):
                continue
            if changed < before:
                yield key, path
