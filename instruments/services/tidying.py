"""What people and programs enter, brought into one shape before it is stored."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.text import tidy
from instruments.formats import lines


def tidied(model: type[models.Model], fields: dict[str, Any]) -> dict[str, Any]:
    """The values of a record: short texts on one line, longer ones with their lines, lists of words without doubles."""
    return {name: _tidied(model._meta.get_field(name), value) for name, value in fields.items()}


def _tidied(field: Any, value: Any) -> Any:
    if isinstance(field, ArrayField) and isinstance(value, list | tuple):
        words = [tidy(each) for each in value if isinstance(each, str)]
        return list(dict.fromkeys(word for word in words if word))
    if isinstance(value, str) and isinstance(field, models.TextField):
        return lines(value)
    return tidy(value) if isinstance(value, str) and isinstance(field, models.CharField) else value
