"""A real file system of a few MB: what happens when it is full need not be imagined."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(place: Path, *, megabytes: float) -> Iterator[Path]:
    """`place` as a disk of its own, in memory; skips the test where nothing may be mounted."""
    place.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={int(megabytes * 1024)}k,mode=755", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False) if os.geteuid() == 0 else None
    if done is None or done.returncode:
        pytest.skip(f"no file system may be mounted here: {done.stderr.strip() if done else 'not root'}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path, *, leaving: int = 0) -> Path:
    """Write a file until there is no room, but for so many bytes; unlink it, and there is room again."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        while (free := os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize - leaving) > 0:
            try:
                file.write(bytes(min(free, 1 << 20)))
            except OSError:
                break
    return ballast
