"""`RowSerializer`, the shape of rows of which a hundred are on a page.

As DRF's own, but that how a field is read and written is worked out once a process, not for each row of each answer
(fields see no `context`), and that a dotted `source` is null where a relation on its way is. A row is an object, or
what `values(*columns_of(shape))` gives: then the database reads no other column, and nothing is made of it in between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from rest_framework import serializers

Read = Callable[[Any], Any]


class RowSerializer(serializers.Serializer[Any]):
    # No docstring: the API's document would say it of every shape.
    def to_representation(self, instance: Any) -> dict[str, Any]:
        plan = _plan_of(type(self), _by_column if isinstance(instance, dict) else _by_path)
        return {name: None if (value := read(instance)) is None else write(value) for name, read, write in plan}


@cache
def columns_of(shape: type[RowSerializer]) -> list[str]:
    """What `values()` must read for this shape."""
    return ["__".join(field.source_attrs) for field in shape().fields.values()]


@cache
def _plan_of(shape: type[RowSerializer], reader: Callable[[list[str]], Read]) -> list[tuple[str, Read, Read]]:
    """Name, reader and writer of each field."""
    return [(name, reader(field.source_attrs), field.to_representation) for name, field in shape().fields.items()]


def _by_column(path: list[str]) -> Read:
    return itemgetter("__".join(path))


def _by_path(path: list[str]) -> Read:
    """Follows the path from an object."""
    if len(path) == 1:
        return attrgetter(path[0])
    first, further = path[0], _by_path(path[1:])

    def read(instance: Any) -> Any:
        found = getattr(instance, first)
        return None if found is None else further(found)

    return read
