"""Large questions that are asked at each request: Django puts their SQL together once a day, then only values change.

To build and compile a queryset of ten subqueries takes Python several times as long as PostgreSQL needs to answer it.
PostgreSQL keeps them prepared. See decisions 14 and 17.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, connections
from django.db.models import Model, QuerySet

from common.db import with_numbers
from common.kept import Statement, keeper, statement

Record = TypeVar("Record", bound=Model)


@dataclass(frozen=True)
class Known:
    """SQL that is put together, which of its parameters are values to come, by name; and the same as a statement that
    is kept, whose values have an order. What turns columns into Python's values is looked up once, too.
    """

    day: date
    queryset: QuerySet[Any, Any]
    compiler: Any
    sql: str
    parameters: tuple[object, ...]
    names: Mapping[int, str]
    order: tuple[str, ...]
    kept: Statement
    converters: Mapping[int, Any]

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        """What the ORM makes of the answer."""
        found = self.queryset.all()
        compiler = copy(self.compiler)
        compiler.connection = connections[found.db]
        if keeper.refused:
            names = self.names
            filled = tuple(values[names[n]] if n in names else each for n, each in enumerate(self.parameters))
            asked = self.sql, filled
        else:
            keeper.prepare(self.kept, compiler.connection)
            asked = self.kept.execute, tuple(values[name] for name in self.order)
        compiler.as_sql = lambda *_args, **_more: asked
        compiler.get_converters = lambda _columns: self.converters
        found.query.get_compiler = lambda *_args, **_more: compiler  # type: ignore[method-assign]
        return list(found)


class Asked(Generic[Record]):
    """A question with named values.

    `build` gets stand-ins of the same types for `values` and must use each of them as it is. What else it reads may
    change from one `day` to the next, and not within; it asks the database nothing. Raises ValueError, when it is first
    asked, where this is not so.
    """

    def __init__(self, build: Callable[..., QuerySet[Record, Any]]) -> None:
        self.build = build
        self.known: Known | None = None

    def of(self, *, day: date, **values: Any) -> list[Any]:
        """The rows for these values, in one statement."""
        known = self.known
        if known is None or known.day != day:
            known = self.known = self._put_together(day, values)
        try:
            return known.rows(values)
        except DatabaseError as error:
            # A transaction that was refused is over; `in_one_transaction` begins it again.
            if not keeper.is_refused_by(error) or connection.in_atomic_block:
                raise
            return known.rows(values)

    def _put_together(self, day: date, values: Mapping[str, Any]) -> Known:
        """Twice, with other stand-ins: what differs and is none of them was worked out from one, or from the clock."""
        queryset, compiler, sql, parameters, stand_ins = self._with_stand_ins(values)
        _again, _other_compiler, same_sql, others, _other_ones = self._with_stand_ins(values)
        names = {
            n: name
            for n, each in enumerate(parameters)
            for name, stand_in in stand_ins.items()
            if type(each) is type(stand_in) and each == stand_in
        }
        fixed = [each == other for each, other in zip(parameters, others, strict=True)]
        if sql != same_sql or not all(same or n in names for n, same in enumerate(fixed)):
            raise ValueError("something in this question is worked out from a value, or changes within a day")
        if missing := set(values) - set(names.values()):
            raise ValueError(f"not used as they are: {', '.join(sorted(missing))}")
        order = tuple(stand_ins)
        numbers = {n: order.index(name) + 1 for n, name in names.items()}
        title = self.build.__name__.strip("_<>")
        kept = statement(title, with_numbers(sql, parameters, numbers), list(stand_ins.values()))
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        return Known(day, queryset, compiler, sql, parameters, names, order, kept, converters)

    def _with_stand_ins(self, values: Mapping[str, Any]) -> tuple[Any, Any, str, tuple[object, ...], dict[str, Any]]:
        stand_ins = {name: stand_in_for(value) for name, value in values.items()}
        with connection.execute_wrapper(refuse_to_ask):
            queryset = self.build(**stand_ins)
        compiler = queryset.query.get_compiler(queryset.db)
        sql, parameters = compiler.as_sql()
        return queryset, compiler, sql, tuple(parameters), stand_ins


def refuse_to_ask(*_said: Any) -> None:
    """What the database says of a stand-in is true of nobody: it must not find its way into the question."""
    raise ValueError("something in this question asks the database while it is put together")


def stand_in_for(value: Any) -> Any:
    """A value of the same type that nothing else has."""
    random = uuid4()
    if isinstance(value, UUID):
        return random
    if isinstance(value, datetime):
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=random.int % 10**15)
    if isinstance(value, int):
        return random.int % 2**62
    if isinstance(value, str):
        return random.hex
    if isinstance(value, list):
        return [random.hex]
    raise TypeError(f"no stand-in for {type(value).__name__}")
