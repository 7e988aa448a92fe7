"""ASVS 15.2.1: no part that we ship is behind its makers for longer than SECURITY.md allows.

It asks the registries, so it needs a network. Of holes it knows nothing: docs/dependencies.md says who does.
"""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta

from django.utils import timezone
from packaging.version import Version

from launcher.frontend import npm
from launcher.places import ROOT

KEPT_FOR = timedelta(days=92)  # "at least every three months"
PINNED = ROOT / "requirements" / "prod.txt"
RESOLVE = [".venv/bin/uv", "pip", "compile", "--universal", "--python-version", "3.11", "--no-header", "--no-annotate"]


def pins_in(text: str) -> dict[str, Version]:
    """The versions in a pinned list, by package."""
    return {name: Version(number) for name, number in re.findall(r"^([\w.-]+)==([\w.]+)", text, re.MULTILINE)}


def newest(*limits: str) -> dict[str, Version]:
    """What uv would pin today: the newest of each package that fits the others; nothing if nothing fits."""
    command = [*RESOLVE, "--upgrade", *limits, "requirements/prod.in"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or (limits and "No solution found" in done.stderr), done.stderr
    return pins_in(done.stdout)


def overdue(behind: dict[str, Version], known_since: str) -> list[str]:
    """Those for which something newer than the pin was there, and fitted, on that day already."""
    return [
        f"{name} {pin}: {then[name]} is older than {KEPT_FOR.days} days"
        for name, pin in behind.items()
        if (then := newest("--exclude-newer-package", f"{name}={known_since}")) and then[name] > pin
    ]


def test_no_part_is_overdue(show):
    pins, today = pins_in(PINNED.read_text()), newest()
    behind = {name: pin for name, pin in pins.items() if name in today and today[name] > pin}
    late = overdue(behind, f"{timezone.now() - KEPT_FOR:%Y-%m-%d}")
    asked = subprocess.run([*npm(), "outdated", "--json"], cwd=ROOT, capture_output=True, text=True, check=False)
    behind_of_pages = json.loads(asked.stdout)

    show(
        "Parts that we ship, and the newest there are that fit together",
        [
            ("packages of Python, pinned", "reported", len(pins)),
            ("a newer one is there", "reported", ", ".join(f"{name} {today[name]}" for name in behind) or "none"),
            (f"a newer one has been there for {KEPT_FOR.days} days", "none", ", ".join(late) or "none"),
            ("packages of the pages for which a newer one is there", "none", ", ".join(behind_of_pages) or "none"),
        ],
    )
    assert len(pins) > 50
    assert not late
    assert not behind_of_pages


def test_a_part_that_was_left_behind_is_seen():
    """The negative control: a list that nobody has touched for years."""
    assert overdue({"requests": Version("2.0.0")}, f"{timezone.now() - KEPT_FOR:%Y-%m-%d}")
