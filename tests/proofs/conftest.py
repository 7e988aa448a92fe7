"""What the proofs show is printed, and kept in docs/proofs.md."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

KEPT = Path(__file__).parents[2] / "docs" / "proofs.md"
HEAD = """# What was proved

Written by `./portal prove`; each table says when, on which commit and with which counts. Times are those of the
machine it ran on and are no gate.
"""


@pytest.fixture
def show() -> Callable[[str, list[tuple[str, object, object]]], None]:
    """Print a table of (what, goal, reached) and put it into docs/proofs.md under its title."""

    def shown(title: str, rows: list[tuple[str, object, object]]) -> None:
        table = ["| what | goal | reached |", "| --- | --- | --- |"]
        table += [f"| {what} | {goal} | {reached} |" for what, goal, reached in rows]
        section = f"## {title}\n\n{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {os.cpu_count()} cores\n\n"
        section += "\n".join(table) + "\n"
        print("\n" + section)  # noqa: T201
        text = KEPT.read_text(encoding="utf-8") if KEPT.exists() else HEAD
        text = re.sub(rf"\n## {re.escape(title)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL)
        KEPT.write_text(f"{text.rstrip()}\n\n{section}", encoding="utf-8")

    return shown


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
