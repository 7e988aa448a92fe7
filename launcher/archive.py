"""One file that holds a backup: the dump, the stored files, and a manifest that tells whether all is whole."""

import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from launcher.speech import FULL, Stop

FORMAT = 1
DUMP, FILES, MANIFEST = "database.dump", "files/", "manifest.json"
PIECE = 1 << 20
KEY_NAMES = ("SECRET_KEY", "FIELD_KEYS")


@dataclass
class Manifest:
    """What is in a backup. Keys are not: only what tells whether a key is the right one."""

    made_at: str
    postgres: str
    counts: dict[str, int]
    roles: list[str]
    keys: dict[str, list[str]]
    sealed: list[str]
    contents: dict[str, str] = field(default_factory=dict)  # SHA-256 by name
    format: int = FORMAT


def fingerprints(environment: Mapping[str, str]) -> dict[str, list[str]]:
    """What tells two keys apart and says nothing about them, for each key of a variable."""
    said: dict[str, list[str]] = {}
    for name in KEY_NAMES:
        keys = [key.strip() for key in environment.get(name, "").split(",") if key.strip()]
        said[name] = [hashlib.sha256(f"jishi {name} {key}".encode()).hexdigest()[:16] for key in keys]
    return said


def sha256_of(path: Path) -> str:
    """The digest of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Writing:
    """A backup that is being written."""

    tar: tarfile.TarFile
    contents: dict[str, str]

    def add(self, path: Path, name: str) -> None:
        """Put a file in, as it is now; one that is gone meanwhile is left out."""
        if name in self.contents:
            return
        try:
            with path.open("rb") as file:
                about = self.tar.gettarinfo(arcname=name, fileobj=file)
                about.uid = about.gid = 0
                about.uname = about.gname = ""
                reading = _Hashing(file)
                self.tar.addfile(about, reading)
        except FileNotFoundError:
            return
        self.contents[name] = reading.digest.hexdigest()


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: Any) -> None:
        self.file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self.file.read(size)
        self.digest.update(data)
        return data


@contextmanager
def writing(archive: Path, manifest: Manifest) -> Iterator[Writing]:
    """Write a backup beside its place, and put it there when it is whole and on the disk; for its owner's eyes only."""
    partial = archive.with_name(archive.name + ".partial")
    try:
        with open(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
                yield Writing(tar, manifest.contents)
                _add_manifest(tar, manifest, beside=partial)
            out.flush()
            os.fsync(out.fileno())
        partial.rename(archive)
    finally:
        partial.unlink(missing_ok=True)


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest, *, beside: Path) -> None:
    about = json.dumps(asdict(manifest), sort_keys=True)
    whole = {"sha256": hashlib.sha256(about.encode()).hexdigest(), "manifest": about}
    file = beside.with_name(beside.name + ".manifest")
    try:
        file.write_text(json.dumps(whole))
        tar.add(file, MANIFEST, filter=_nobody)
    finally:
        file.unlink(missing_ok=True)


def _nobody(about: tarfile.TarInfo) -> tarfile.TarInfo:
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    return about


def unpacked(archive: Path, into: Path) -> Manifest:
    """Unpack a backup into an empty folder and look at every byte; Stop with a sentence if one is not as it was."""
    found: dict[str, str] = {}
    about = b""
    try:
        with tarfile.open(archive, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is None or not _is_ours(member.name):
                    raise Stop(f"{archive} is not a backup of the portal: it holds {member.name!r}. Nothing was done.")
                pieces: Iterable[bytes] = iter(lambda content=content: content.read(PIECE), b"")  # type: ignore[misc]
                if member.name == MANIFEST:
                    about = b"".join(pieces)
                else:
                    found[member.name] = _written(into / member.name, pieces)
    except (tarfile.TarError, EOFError, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno in FULL:  # here, not in the backup
            raise
        raise Stop(f"{archive} cannot be read to its end ({problem}). Nothing was done.") from problem
    manifest = _manifest_in(about, archive)
    if wrong := sorted(
        name for name in found.keys() | manifest.contents if found.get(name) != manifest.contents.get(name)
    ):
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise Stop(f"{archive} is damaged: {wrong[0]}{more} is not as it was written. Nothing was done.")
    return manifest


def _is_ours(name: str) -> bool:
    inside = name.startswith(FILES) and ".." not in name.split("/") and not name.endswith("/")
    return inside or name in {DUMP, MANIFEST}


def _written(path: Path, pieces: Iterable[bytes]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("xb") as out:
        for piece in pieces:
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _manifest_in(about: bytes, archive: Path) -> Manifest:
    if not about:
        raise Stop(f"{archive} is cut off: its end, the manifest, is missing. Nothing was done.")
    try:
        whole = json.loads(about)
        manifest: str = whole["manifest"]
        if hashlib.sha256(manifest.encode()).hexdigest() != whole["sha256"]:
            raise ValueError
        known = json.loads(manifest)
        if known["format"] > FORMAT:
            raise Stop(f"{archive} was made by a newer portal: restore it with that one. Nothing was done.")
        return Manifest(**known)
    except (ValueError, KeyError, TypeError) as problem:
        raise Stop(f"{archive} is damaged: its manifest cannot be read. Nothing was done.") from problem
