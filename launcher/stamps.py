"""Remembering what a step was last done with, so that the next start can leave it out."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from launcher.places import ROOT, VENV

STAMPS = VENV / ".portal"


def digest_of_contents(files: Iterable[Path]) -> str:
    """One digest for the contents of a few files, in the order given."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def digest_of_names_and_times(files: Iterable[Path]) -> str:
    """One digest for many files by path, size and time of change, without reading them."""
    digest = hashlib.sha256()
    for file in sorted(files):
        state = file.stat()
        digest.update(f"{file}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()


def is_current(stamp: Path, digest: str, *, needs: Iterable[Path] = ()) -> bool:
    """Whether the step was last done with this digest and what it made is still there."""
    return stamp.is_file() and stamp.read_text() == digest and all(made.exists() for made in needs)


def remember(stamp: Path, digest: str) -> None:
    """Note that the step is done for this digest."""
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


def static_sources() -> list[Path]:
    """Every file that collectstatic would copy from this checkout, and what decides how."""
    folders = [ROOT / "static", *ROOT.glob("*/static")]
    sources = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    return [*sources, ROOT / "requirements" / "prod.txt", ROOT / "config" / "settings.py"]


def migration_sources() -> list[Path]:
    """Every migration of this checkout, and the requirements that bring the others."""
    return [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements" / "prod.txt"]
