"""Tables as people make them, for the tests of imports and exports."""

from __future__ import annotations

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from instruments import services
from instruments.models import InstrumentImport
from instruments.tasks import run_jobs


def csv_file(text: str, *, encoding: str = "utf-8", name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(encoding))


def xlsx_file(*rows: list[Any], name: str = "table.xlsx") -> SimpleUploadedFile:
    book, buffer = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return SimpleUploadedFile(name, buffer.getvalue())


def looked_through(organisation: Any, by: Any, file: Any, **asked: Any) -> InstrumentImport:
    """An import whose preview a worker has made."""
    mapping = asked.pop("mapping", None)
    made = services.hand_in(organisation, by=by, file=file, **asked)
    services.look_through(made, by=by, mapping=mapping)
    run_jobs()
    made.refresh_from_db()
    return made


def applied(organisation: Any, by: Any, file: Any, **asked: Any) -> InstrumentImport:
    made = looked_through(organisation, by, file, **asked)
    services.apply_import(made, by=by)
    run_jobs()
    made.refresh_from_db()
    return made


def reasons(made: InstrumentImport) -> dict[int, list[tuple[str, str]]]:
    """Of each wrong line, the codes and fields of its reasons."""
    return {
        row.line: [(each["code"], each["field"]) for each in row.reasons] for row in made.rows.filter(verdict="wrong")
    }
