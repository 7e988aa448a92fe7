"""What the answers of the API leave out, and for whom: docs/fields.csv, which nothing writes.

A field counts as hidden from somebody who gets the thing that it belongs to, without it or without a value, where
somebody else sees a value of the same thing. Which things a list has for whom is not told here: that is the rooms' own
tests' to say.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "docs" / "fields.csv"
OF_A_PAGE = {"results", "next", "previous"}  # of a list: which rows there are is no matter of fields
NOTHING: tuple[Any, ...] = (None, "", [], {})


def things_in(answer: Any, at: str = "", of: str = "") -> Iterator[tuple[str, str, set[str]]]:
    """Each object within an answer: where it stands, the id that it or what it stands in has, what has a value."""
    if isinstance(answer, list):
        for each in answer:
            yield from things_in(each, f"{at}[]", of)
    elif isinstance(answer, dict) and answer:
        of = str(answer.get("id", of))
        yield at, of, {name for name, value in answer.items() if value not in NOTHING}
        for name, value in answer.items():
            yield from things_in(value, f"{at}.{name}".lstrip("."), of)


def hidden_in(answers: dict[str, Any]) -> dict[str, set[str]]:
    """Of the answers to one question: which fields are hidden, and from whom."""
    things = [(actor, *thing) for actor, answer in answers.items() for thing in things_in(answer)]
    nameless = {at for _actor, at, of, _names in things if not of}  # at least for some: told apart by place alone
    seen: dict[tuple[str, str], dict[str, set[str]]] = {}
    for actor, at, of, names in things:
        seen.setdefault((at, "" if at in nameless else of), {}).setdefault(actor, set()).update(names)
    found: dict[str, set[str]] = {}
    for (at, _of), of_actor in seen.items():
        for name in set().union(*of_actor.values()) - (set() if at else OF_A_PAGE):
            if lacks := {actor for actor, names in of_actor.items() if name not in names}:
                found.setdefault(f"{at}.{name}".lstrip("."), set()).update(lacks)
    return found


@cache
def decided() -> dict[tuple[str, str], set[str]]:
    """The table as it was decided: of a route's field, from whom it is hidden."""
    rows = csv.DictReader(TABLE.open())
    return {(row["route"], row["field"]): set(row["hidden from"].split()) for row in rows}


def faults_in(found: dict[str, dict[str, Any]], routes: Iterable[str]) -> Iterator[str]:
    """What is wrong among the answers to these routes, and what to do about it, a line each."""
    names = set(routes)
    wanted = {key: hidden for key, hidden in decided().items() if key[0] in names}
    is_so = {(route, field): lacks for route, by in found.items() for field, lacks in hidden_in(by).items()}
    for route, field in sorted(wanted.keys() | is_so.keys()):
        should, lacks = wanted.get((route, field), set()), is_so.get((route, field), set())
        if should - lacks:
            yield f"{route} shows {field} to {sorted(should - lacks)}, from whom docs/fields.csv hides it"
        if lacks - should:
            yield f"{route} hides {field} from {sorted(lacks - should)}: decide, then say so in docs/fields.csv"
