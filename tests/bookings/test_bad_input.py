"""Whatever is sent, the answer is a clear refusal and never a fault of ours."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from bookings.states import State
from tests.factories import booked

HOUR = timedelta(hours=1)
ODD = [
    None, [], {}, "", "\x00", "a\x00b", "﷽" * 700, "-1", -1, 0, 10**30, 1e400, True, "2026-11-25",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00+14:00", "2026-11-25T10:00:00", [[]], {"a": [1]}, "💥", "../../etc", "%s%n", "' OR 1=1 --",
]  # fmt: skip
FIELDS = {
    "": ["instrument", "start", "end", "purpose", "title", "answers", "group", "flexible_minutes", "assisted",
         "operator", "external_ref", "on_behalf_of", "draft", "overrule_because"],
    "submit/": ["title", "answers", "group"],
    "confirm/": ["note", "start", "end", "instrument"],
    "decline/": ["reason"], "ask/": ["question"], "answer/": ["text", "answers"], "accept-change/": ["accept"],
    "cancel/": ["reason"], "check-out/": ["samples", "note", "problem"], "reassign/": ["operator"],
    "hand-over/": ["to"], "messages/": ["text"],
}  # fmt: skip
ELSEWHERE = {
    "usage-records/": ["instrument", "start", "end", "minutes", "user", "samples", "booking", "source"],
    "faults/": ["instrument", "severity", "text"],
    "maintenance/": ["instrument", "start", "end", "title"],
    "trainings/": ["user", "instrument", "level", "until"],
    "feeds/": ["instrument", "facility"],
}
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", [*FIELDS, *ELSEWHERE])
def test_no_odd_value_in_a_body_is_a_fault_of_ours(call, manager, researcher, sem, nine, path):
    booking = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    valid = {"instrument": sem.slug, "start": (nine + HOUR).isoformat(), "end": (nine + 2 * HOUR).isoformat()}
    address = f"/api/v1/{path}" if path in ELSEWHERE else f"/api/v1/bookings/{f'{booking.pk}/{path}' if path else ''}"
    client = call(manager)
    client.raise_request_exception = False
    whole = path in {"", "maintenance/", "usage-records/"}

    for field, value in product({**FIELDS, **ELSEWHERE}[path], ODD):
        try:
            response = client.post(address, {**(valid if whole else {}), field: value})
        except ValueError:
            continue  # no JSON can say this
        assert response.status_code < 500, (field, value)
    for body in ([], [[]], "x", 1):
        assert client.post(address, body).status_code < 500, body


@pytest.mark.parametrize("path", ["openings/", "calendar/", "instruments/sem/availability/", "bookings/"])
def test_no_odd_address_is_a_fault_of_ours(call, researcher, sem, path):
    client = call(researcher)
    client.raise_request_exception = False
    names = ["from", "to", "minutes", "instrument", "facility", "q", "category", "state", "updated_since", "cursor"]
    window = {"from": "2026-11-25T00:00:00Z", "to": "2026-11-26T00:00:00Z"}

    for name, value in product(names, [each for each in ODD if isinstance(each, str | int)]):
        assert client.get(f"/api/v1/{path}", {**window, name: value}).status_code < 500, (name, value)


def test_no_odd_value_in_a_form_of_the_laboratory_is_a_fault_of_ours(browse, manager, researcher, centre, sem, nine):
    booking = booked(sem, at=nine, by=researcher, state=State.REQUESTED)
    client = browse(manager)
    client.raise_request_exception = False
    odd = ["", "\x00", "-1", "9" * 40, "9999-12-31", "0001-01-01T00:00", "25:99", "x" * 3000, "💥"]
    rules, hours = f"/lab/{centre.slug}/rules/", f"/lab/{centre.slug}/hours/"
    training, operator = f"/lab/{centre.slug}/training/", f"/lab/{centre.slug}/operators/?person={manager.pk}"
    upkeep, own = f"/instruments/{sem.slug}/maintenance/", f"/bookings/{booking.pk}"
    forms = [
        (rules, "preset", ["preset"]), (rules, "copy", ["source"]), (rules, "drop quota", ["quota"]),
        (rules, "rules", ["step_minutes", "approval_before_minute"]), (rules, "quota", ["quota-amount"]),
        (hours, "hours", ["day_0"]), (hours, "exception", ["exception-day"]), (hours, "reopen", ["closure"]),
        (hours, "closure", ["closure-starts_at"]), (hours, "drop exception", ["exception"]),
        (operator, "operator", ["instruments", "day_1"]), (operator, "leave", ["leave-starts_at"]),
        (training, "grant", ["email", "instrument", "level", "until"]), (training, "end", ["training"]),
        (training, "decline", ["request"]), (training, "need", ["need-level"]),
        (upkeep, "maintenance", ["m-starts_at", "m-ends_at"]), (upkeep, "message", ["t-text"]),
        (f"/instruments/{sem.slug}/use/", "", ["starts_at", "samples"]),
        (f"/instruments/{sem.slug}/faults/", "", ["severity", "text"]),
        (f"{own}/move/", "", ["day", "start", "slot"]), (f"{own}/feedback/", "", ["mark", "text"]),
        (f"{own}/check-out/", "", ["samples", "note"]), (f"{own}/hand-over/", "", ["to"]),
        ("/calendars/make/", "", ["instrument", "facility"]), ("/inbox/confirm/", "", ["booking"]),
    ]  # fmt: skip

    for address, do, fields in forms:
        for field, value in product(fields, odd):
            answered = client.post(address, {"do": do, field: value})
            assert answered.status_code < 500, (address, do, field, value)
    for query in ("?month=9999-99", "?month=0000-01", "?month=2026-13&as=pdf", "?month=%00"):
        assert client.get(f"/instruments/{sem.slug}/logbook/{query}").status_code < 500
