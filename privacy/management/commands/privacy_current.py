"""Whether docs/privacy.md says what the code does; with --update it writes the tables."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from privacy.services import data_map, retention_table

DOCUMENT = settings.BASE_DIR / "docs" / "privacy.md"


class Command(BaseCommand):
    help = "Compare the tables of docs/privacy.md with those of the code."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--update", action="store_true", help="write the tables")

    def handle(self, *args: Any, **options: Any) -> None:
        text = DOCUMENT.read_text(encoding="utf-8")
        with translation.override("en"):
            wanted = with_tables(text)
        if options["update"]:
            DOCUMENT.write_text(wanted, encoding="utf-8")
        elif text != wanted:
            raise CommandError("docs/privacy.md is not what the code does: ./portal manage privacy_current --update")


def with_tables(text: str) -> str:
    """The document with both tables as the code has them now."""
    rows = [
        (f"`{row.table}`", row.by, row.what, "yes" if row.given else "no", row.at_erasure, row.because)
        for row in data_map()
    ]
    text = _put(text, "data map", ("Table", "Named by", "What", "In the copy", "At an erasure", "Why"), rows)
    clocks = [(*row[:4], f"`{row[4]}`" if row[4] else "") for row in retention_table()]
    return _put(text, "retention", ("What", "How long", "Why", "Rule", "Ended by"), clocks)


def _put(text: str, name: str, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    begins, ends = f"<!-- {name} -->", f"<!-- end of {name} -->"
    found = re.compile(f"{re.escape(begins)}.*?{re.escape(ends)}", re.DOTALL)
    return found.sub(lambda _old: f"{begins}\n{table}\n{ends}", text)
