"""Each request has an id that log, answer, error page, history and task share; what happens is counted."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta

import pghistory
import pytest
import structlog
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from common.db import violation_means
from common.errors import Refusal, Refused
from common.metrics import COUNTED
from common.watching import History
from config import celery
from instruments.models import Instrument, InstrumentEvent
from tests.factories import booked, fresh_key

pytestmark = pytest.mark.django_db
GIVEN = "from-the-proxy-0001"


def filled(nine):
    times = {"day": f"{nine:%Y-%m-%d}", "start": f"{nine:%H:%M}", "end": f"{nine + timedelta(hours=1):%H:%M}"}
    return {**times, "purpose": "research", "key": fresh_key()}


def count(name: str, **labels: object) -> float:
    return COUNTED.get_sample_value(name, {label: str(value) for label, value in labels.items()}) or 0


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f g", "forged\r\nSet-Cookie: a=b", "日志日志日志日志"]
)
def test_a_request_without_a_sane_id_gets_one(browse, given):
    response = browse().get(
        "/health/live", headers={"X-Request-ID": given.replace("\r\n", "\n").encode().decode("latin1")}
    )

    assert len(response["X-Request-ID"]) == 32
    assert response["X-Request-ID"].isalnum()


def test_the_id_that_the_proxy_gave_is_in_the_answer_on_each_line_and_on_the_page_of_an_error(browse, lines):
    response = browse().get("/no/such/page/", headers={"X-Request-ID": GIVEN})

    assert response["X-Request-ID"] == GIVEN
    assert GIVEN in response.content.decode()
    assert [line["request_id"] for line in lines() if line["event"] == "request"] == [GIVEN]


@pytest.mark.parametrize("path", ["/", "/api/v1/instruments/"])
def test_a_fault_of_ours_is_logged_with_the_id_that_the_reader_sees(browse, lines, monkeypatch, path):
    monkeypatch.setattr("django.db.models.query.QuerySet.filter", lambda *_args, **_more: 1 / 0)
    client = browse()
    client.raise_request_exception = False

    response = client.get(path, headers={"X-Request-ID": GIVEN})

    faults = [line for line in lines() if "ZeroDivisionError" in line.get("exception", "")]
    assert (response.status_code, response["X-Request-ID"]) == (500, GIVEN)
    assert {line["request_id"] for line in faults} == {GIVEN}
    assert path.startswith("/api/") or GIVEN in response.content.decode()


def test_a_line_names_the_view_and_never_the_address_or_who(browse, lines, researcher):
    browse(researcher).get("/instruments/?q=secret-of-the-firm")

    (line,) = [line for line in lines() if line["event"] == "request"]
    assert (line["view"], line["status"], line["method"]) == ("catalogue", 200, "GET")
    assert "secret-of-the-firm" not in json.dumps(lines())
    assert researcher.email not in json.dumps(lines())


def test_the_history_of_a_row_names_the_request(researcher):
    request = RequestFactory().post("/bookings/")
    request.user, request.request_id = researcher, GIVEN

    assert History(lambda _request: None).get_context(request)["request"] == GIVEN


@pytest.mark.django_db(transaction=True)
def test_who_changed_a_row_is_said_once_in_a_transaction_and_again_after_a_rollback(sem, researcher):
    known = []

    def renamed(text):
        Instrument.objects.filter(pk=sem.pk).update(name_en=text)
        known.append(InstrumentEvent.objects.latest("pgh_id").pgh_context.metadata)

    def view(_request):
        with transaction.atomic():
            User.objects.reader(researcher.pk)
            with suppress(ZeroDivisionError), transaction.atomic():
                pghistory.context(why="known from here on")
                renamed("taken back")
                raise ZeroDivisionError
            renamed("first")
            renamed("second")
        with transaction.atomic():
            renamed("third")
        renamed("fourth")
        return HttpResponse()

    request = RequestFactory().post("/instruments/")
    request.user, request.request_id = researcher, GIVEN
    with CaptureQueriesContext(connection) as seen:
        History(view)(request)

    told = InstrumentEvent.objects.filter(pgh_obj=sem.pk, pgh_label="update").order_by("pgh_id")
    assert [each.name_en for each in told] == ["first", "second", "third", "fourth"]
    assert {(each["request"], each.get("why")) for each in known} == {(GIVEN, "known from here on")}
    changes = [each["sql"] for each in seen.captured_queries if "UPDATE" in each["sql"]]
    assert ["set_config" in each["sql"] for each in seen.captured_queries if "EXECUTE" in each["sql"]] == [False]
    # What is new is said at once; after it was taken back, with the end of the savepoint; once in each transaction.
    assert [sql.startswith("SELECT set_config") for sql in changes] == [True, False, False, True, True]


def test_a_task_carries_the_id_of_its_request_and_gives_it_back(lines):
    class Task:
        name = "bookings.remind"

        class request:  # noqa: N801
            request_id = GIVEN

    headers: dict[str, str] = {}
    structlog.contextvars.bind_contextvars(request_id=GIVEN)
    celery.send_id(headers=headers)
    celery.take_id(task=Task)
    structlog.get_logger().warning("said_by_a_task")
    celery.forget_id()
    celery.send_id(headers=(of_beat := {}))

    assert headers == {"request_id": GIVEN}
    assert [(line["request_id"], line["task"]) for line in lines()] == [(GIVEN, "bookings.remind")]
    assert of_beat["request_id"] != GIVEN


def test_requests_statements_refusals_and_events_are_counted(
    browse, researcher, xrd, nine, django_capture_on_commit_callbacks
):
    def seen() -> list[float]:
        answers = [count("jishi_requests_total", view="new_booking", method="POST", status=one) for one in (302, 400)]
        refused = count("jishi_refusals_total", code="slot_taken")
        return [*answers, refused, count("jishi_events_total", kind="booking.confirmed")]

    before = seen()
    with django_capture_on_commit_callbacks(execute=True):
        browse(researcher).post("/instruments/xrd/book/", filled(nine))
    browse(researcher).post("/instruments/xrd/book/", filled(nine))

    assert [now - then for now, then in zip(seen(), before, strict=True)] == [1, 1, 1, 1]
    assert count("jishi_request_statements_sum", view="new_booking") > 0


def test_what_only_the_constraint_stopped_is_counted(researcher, xrd, nine):
    before = count("jishi_races_lost_total", constraint="claim_no_overlap")
    booking = booked(xrd, by=researcher, at=nine)
    claim = booking.claims.get()

    claim.pk = None
    taken = Refused([Refusal("slot_taken", "")])
    with pytest.raises(Refused), violation_means("claim_no_overlap", taken):
        claim.save(force_insert=True)

    assert count("jishi_races_lost_total", constraint="claim_no_overlap") == before + 1
