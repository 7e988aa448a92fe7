"""Rows that belong to a record and are entered with it: a data sheet's lines, accreditations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import Model, QuerySet

from instruments.services.tidying import tidied


def replace_rows(
    kept: QuerySet[Any], given: Sequence[dict[str, Any]], *, make: Callable[[], Model], key: str = ""
) -> None:
    """Let the rows be as given, in their order; what stays the same is not touched, so that histories stay short.

    A row is known again by its place, or by the field `key`. Raises ValidationError.
    """
    rows = list(kept)
    by_key = {getattr(row, key): row for row in rows} if key else {}
    stays = set()
    for place, values in enumerate(given):
        row = by_key.get(values[key]) if key else (rows[place] if place < len(rows) else None)
        row = row or make()
        wanted = tidied(type(row), values) | ({} if key else {"position": place})
        if row.pk is None or any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.full_clean()
            row.save()
        stays.add(row.pk)
    kept.exclude(pk__in=stays).delete()
