"""Fields that nobody may write: whatever the API is told besides what it asks for, it refuses, and names it.

What it leaves out of its answers, and for whom, is docs/fields.csv's, which the permission matrix compares; here is
that the comparison sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests import field_table
from tests.test_permissions import ACTORS, ask, path_of, routes, said, world  # noqa: F401 (the fixture)

# What answers show and no caller sets, and what there is nowhere.
NOT_TO_BE_SET = {
    "id", "state", "price", "version", "created_at", "user", "by", "organisation", "balance", "is_staff", "made_up",
}  # fmt: skip
# Where one of these is asked for.
ASKED_FOR = {
    "api_programmes": {"organisation"}, "api_requests": {"organisation"}, "api_usage_records": {"user"},
}  # fmt: skip
# What may stand in lists that the bodies of the matrix leave out or leave empty.
IN_LISTS = {"api_order_receive": {"samples": [{}]}, "api_credit_invoice": {"lines": [{}]}}


def who_may(route: tuple[str, str]) -> str:
    """Somebody to whom the route opens; where the world's things are in no state for it, who gets that far."""
    cells = said()[route]
    return next(actor for kind in ("20", "409", "400") for actor in cells if cells[actor].startswith(kind))


def refused(world: dict[str, Any], route: tuple[str, str], body: Any) -> set[str]:  # noqa: F811
    """Which fields an answer calls unknown; the body was not taken as it is."""
    name, method = route
    path, told = path_of(world, name, dict(routes())[name]), {**world, "bodies": {name: body}}
    response = ask(told, path, name, method, who_may(route))
    errors = response.json().get("errors", []) if response.status_code == 400 else []
    return {each["pointer"].rpartition("/")[2] for each in errors if each["code"] == "unknown_field"}


def writing() -> list[tuple[str, str]]:
    return [row for row in said() if row[0].startswith("api_") and row[1] in {"POST", "PUT", "PATCH"}]


def is_of_things(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and isinstance(given[0], dict)


def lists(world: dict[str, Any]) -> Iterator[tuple[tuple[str, str], dict[str, Any], str]]:  # noqa: F811
    """The bodies with lists of things that have fields of their own, and where these are."""
    for route in writing():
        body = {**world["bodies"].get(route[0], {}), **IN_LISTS.get(route[0], {})}
        yield from ((route, body, name) for name, rows in body.items() if is_of_things(rows))


def test_no_field_is_taken_that_is_not_asked_for(world):  # noqa: F811
    swallowed, exceptions = [], set()
    for route in writing():
        body = world["bodies"].get(route[0], {})
        foreign = NOT_TO_BE_SET - body.keys()
        taken = foreign - refused(world, route, {**body, **dict.fromkeys(foreign, "x")})
        exceptions |= {(route[0], field) for field in taken}
        swallowed += [f"{route} takes {field}" for field in taken - ASKED_FOR.get(route[0], set())]

    within = set()
    for route, body, field in lists(world):
        within.add(field)
        if refused(world, route, {**body, field: [{**body[field][0], "made_up": "x"}]}) != {"made_up"}:
            swallowed.append(f"{route} takes made_up in {field}")

    assert len(writing()) > 80
    assert within == {"contacts", "lines", "samples"}
    assert not swallowed, "\n".join(swallowed)
    assert exceptions == {(name, field) for name, fields in ASKED_FOR.items() for field in fields}


def test_what_is_asked_for_is_not_called_unknown(world):  # noqa: F811
    """The negative control: were everything refused, the tests above would say nothing."""
    for route in writing()[::8]:
        assert not refused(world, route, world["bodies"].get(route[0], {})), route


ANSWERS = {
    "mine": {"results": [{"id": "1", "user": "a", "price": {"net": "1"}}, {"id": "2", "user": "b"}], "next": "x"},
    "other": {"results": [{"id": "1", "user": None, "price": {}}], "next": None},
    "nobody": {"results": [], "next": None},
}


def test_a_field_is_hidden_from_who_sees_the_same_thing_without_it():
    assert field_table.hidden_in(ANSWERS) == {"results[].user": {"other"}, "results[].price": {"other"}}
    assert field_table.hidden_in({"mine": ANSWERS["mine"], "nobody": ANSWERS["nobody"]}) == {}
    told_apart_by_nothing = {"mine": {"events": [{"id": "1", "title": "a"}]}, "other": {"events": [{"title": None}]}}
    assert field_table.hidden_in(told_apart_by_nothing) == {"events[].id": {"other"}, "events[].title": {"other"}}


def test_the_comparison_of_fields_sees_what_is_shown_and_what_is_hidden_without_a_decision(monkeypatch):
    """The negative control of docs/fields.csv."""
    decided = {("a", "results[].price"): {"other"}, ("a", "results[].secret"): {"other"}, ("b", "x"): {"other"}}
    monkeypatch.setattr(field_table, "decided", lambda: decided)

    shown, hidden = field_table.faults_in({"a": ANSWERS}, {"a"})

    assert shown == "a shows results[].secret to ['other'], from whom docs/fields.csv hides it"
    assert hidden.startswith("a hides results[].user from ['other']: decide")


def test_the_table_of_fields_names_routes_and_actors_of_the_matrix():
    routes_of_it, actors = {route for route, _method in said()}, {*ACTORS}

    assert field_table.decided()
    assert all(route in routes_of_it and hidden <= actors for (route, _field), hidden in field_table.decided().items())
