"""Large questions that are asked at each request: Django puts their SQL together once a day, then only values change.

To build and compile a queryset of ten subqueries takes Python several times as long as PostgreSQL needs to answer it.
PostgreSQL keeps them prepared. See decisions 14 and 17.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Func, Model, QuerySet

from common.db import places_in, with_numbers
from common.kept import Statement, keeper

Record = TypeVar("Record", bound=Model)


# Where the SQL of those stands among whom is asked.
AMONG = "those_among_whom_is_asked"


@dataclass(frozen=True)
class Known:
    """SQL that is put together, and which of its parameters are values to come, by name."""

    day: date
    queryset: QuerySet[Any, Any]
    compiler: Any
    converters: Mapping[int, Any]
    sql: str
    parameters: tuple[object, ...]
    names: Mapping[int, str]
    kept: Statement | None

    def rows(self, values: Mapping[str, Any], among: QuerySet[Any, Any] | None) -> list[Any]:
        """What the ORM makes of the answer."""
        found = self.queryset.all()
        compiler = copy(self.compiler)
        compiler.connection = connections[found.db]
        compiler.as_sql = lambda *_args, **_more: self._asked(values, among, compiler.connection)
        compiler.get_converters = lambda _columns: self.converters
        found.query.get_compiler = lambda *_args, **_more: compiler  # type: ignore[method-assign]
        return list(found)

    def _asked(
        self, values: Mapping[str, Any], among: QuerySet[Any, Any] | None, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[object, ...]]:
        if self.kept and not keeper.refused:
            keeper.prepare(self.kept, connection)
            return self.kept.execute, tuple(values[name] for name in self.kept.order)
        names = self.names
        filled = tuple(values[names[n]] if n in names else each for n, each in enumerate(self.parameters))
        if among is None:
            return self.sql, filled
        before, after = self.sql.split(AMONG)
        chosen, chosen_by = among.query.sql_with_params()
        place = len(places_in(before))
        return before + chosen + after, (*filled[:place], *chosen_by, *filled[place:])


class Asked(Generic[Record]):
    """A question with named values, and perhaps among rows that somebody else has chosen.

    `build` gets stand-ins of the same types for `values` and must use each of them as it is, and one for `among`, to
    stand on the right of an `__in`, once. What else it reads may change from one `day` to the next, and not within; it
    asks the database nothing. Raises ValueError, when it is first asked, where this is not so.
    """

    def __init__(self, build: Callable[..., QuerySet[Record, Any]]) -> None:
        self.build = build
        self.known: Known | None = None

    def of(self, among: QuerySet[Any, Any] | None = None, /, *, day: date, **values: Any) -> list[Any]:
        """The rows for these values, in one statement; `among` is a queryset of one column, a part of it."""
        known = self.known
        if known is None or known.day != day:
            known = self.known = self._put_together(day, values, chosen=among is not None)
        try:
            return known.rows(values, among)
        except DatabaseError as error:
            # A transaction that was refused is over; `in_one_transaction` begins it again.
            if not keeper.is_refused_by(error) or connection.in_atomic_block:
                raise
            return known.rows(values, among)

    def _put_together(self, day: date, values: Mapping[str, Any], *, chosen: bool) -> Known:
        """Twice, with other stand-ins: what differs and is none of them was worked out from one, or from the clock."""
        queryset, compiler, sql, parameters, stand_ins = self._with_stand_ins(values, chosen=chosen)
        _again, _other_compiler, same_sql, others, _other_ones = self._with_stand_ins(values, chosen=chosen)
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
        if sql.count(AMONG) != chosen:
            raise ValueError("those among whom is asked must stand in it once")
        converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        kept = None if chosen else self._kept(sql, parameters, names)
        return Known(day, queryset, compiler, converters, sql, parameters, names, kept)

    def _kept(self, sql: str, parameters: Sequence[object], names: Mapping[int, str]) -> Statement:
        order = tuple(dict.fromkeys(names.values()))
        numbers = {n: order.index(name) + 1 for n, name in names.items()}
        return Statement(self.build.__name__.strip("_<>"), with_numbers(sql, parameters, numbers), order)

    def _with_stand_ins(
        self, values: Mapping[str, Any], *, chosen: bool
    ) -> tuple[Any, Any, str, tuple[object, ...], dict[str, Any]]:
        stand_ins = {name: stand_in_for(value) for name, value in values.items()}
        with connection.execute_wrapper(refuse_to_ask):
            queryset = self.build(**stand_ins, **({"among": Func(template=f"({AMONG})")} if chosen else {}))
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
