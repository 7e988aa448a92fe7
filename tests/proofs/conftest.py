"""What proofs and benchmarks show is printed, and kept in docs/proofs.md and docs/performance.md."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
WRITTEN = """
Written by `./portal prove`; each table says when, on which commit and with which counts. Times are those of the
machine it ran on and are no gate.
"""
SPEED = """
`./portal prove speed` measures G1 to G11 in one run. Programs that are compared are asked in turn, round by round, over
HTTP, each under the same gunicorn on the same PostgreSQL; a ratio is the middle one of the rounds, and only ratios of
one run say anything. The floor is the least that a Django view can do for the same answer
(`tests/benchmarks/floor.py`), the peer is NEMO 8.1.5 from PyPI. G1, rivals for one slot, is in [proofs.md](proofs.md).
Statements are counted in the process; ordinary tests hold them (`tests/test_list_costs.py`,
`tests/bookings/test_reading_costs.py`). The invoice run (G10) is asked in the process too.
"""
# By the folder of the test that shows it.
KEPT = {
    "proofs": ("proofs.md", f"# What was proved\n{WRITTEN}"),
    "benchmarks": ("performance.md", f"# How fast it is\n{WRITTEN}{SPEED}"),
}
COLUMNS = {3: ["what", "goal", "reached"], 5: ["what", "goal", "stretch", "floor or peer", "reached"]}


@pytest.fixture
def show(request: pytest.FixtureRequest) -> Callable[[str, Sequence[tuple[object, ...]]], None]:
    """Print a table of (what, goal, reached) or (what, goal, stretch, floor or peer, reached), and keep it."""

    def shown(title: str, rows: Sequence[tuple[object, ...]]) -> None:
        columns = COLUMNS[len(rows[0])]
        lines = [columns, ["---" for _column in columns], *rows]
        table = ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]
        section = f"## {title}\n\n{datetime.now(UTC):%Y-%m-%d}, commit {_commit()}, {os.cpu_count()} cores\n\n"
        section += "\n".join(table) + "\n"
        print("\n" + section)  # noqa: T201
        name, head = KEPT[request.path.parent.name]
        kept = DOCS / name
        text = kept.read_text(encoding="utf-8") if kept.exists() else head
        text = re.sub(rf"\n## {re.escape(title)}\n.*?(?=\n## |\Z)", "", text, flags=re.DOTALL)
        kept.write_text(f"{text.rstrip()}\n\n{section}", encoding="utf-8")

    return shown


def _commit() -> str:
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
