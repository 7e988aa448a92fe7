"""Middleware that watches: each request has an id, is counted, and leaves a line in the log."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.db import connection
from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware

from common.db import begins_a_transaction
from common.ids import new_id
from common.metrics import REQUESTS, SECONDS, STATEMENTS

log = structlog.get_logger()

HEADER = "X-Request-ID"
# What a proxy may have given: nothing that could begin a line of its own or fill a log.
SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class Watch:
    """Around everything else: the id is on each line of the log, in the answer and on the page of an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        request.request_id = given if SANE.fullmatch(given) else new_id().hex  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.request_id)  # type: ignore[attr-defined]
        statements, begun = Statements(), time.perf_counter()
        with connection.execute_wrapper(statements):
            response = self.get_response(request)
        response[HEADER] = request.request_id  # type: ignore[attr-defined]
        _note(request, response.status_code, seconds=time.perf_counter() - begun, statements=statements.count)
        return response


class Statements:
    """Counts what is asked of the database."""

    count = 0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


def _note(request: HttpRequest, status: int, *, seconds: float, statements: int) -> None:
    """By the view's name, never by the address: an address may hold a secret, and there is no end of them."""
    match = request.resolver_match
    view = (match.view_name if match else "") or "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, status).inc()
    SECONDS.labels(view).observe(seconds)
    STATEMENTS.labels(view).observe(statements)
    milliseconds = round(seconds * 1000, 1)
    log.info("request", view=view, method=method, status=status, ms=milliseconds, statements=statements)


class History(HistoryMiddleware):  # type: ignore[misc]
    """pghistory's, which notes who changed a row; with the id of the request, so that row and log find each other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        def saying_it_once(request: HttpRequest) -> HttpResponse:
            with connection.execute_wrapper(SaidOnce()):
                return get_response(request)

        super().__init__(saying_it_once)

    def get_context(self, request: Any) -> dict[str, Any]:
        return {**super().get_context(request), "request": request.request_id}


class SaidOnce:
    """pghistory says who and where in front of each statement; PostgreSQL knows it until the transaction ends.

    So it is left out where it has been said in this transaction, and not taken back with a savepoint: a booking asks
    ten statements. And it is left out of questions that PostgreSQL keeps (`common/kept.py`): they change nothing.
    """

    WHO_AND_WHERE = "SELECT set_config('pghistory."

    def __init__(self) -> None:
        self.said: Any = None

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: Any) -> Any:
        back = "ROLLBACK TO SAVEPOINT" in sql
        if back or begins_a_transaction(context["connection"]):
            self.said = None
        if not back and isinstance(params, tuple) and sql.startswith(self.WHO_AND_WHERE):
            asked = sql.partition("; ")[2]
            if params[:2] == self.said or asked.startswith("EXECUTE "):
                sql, params = asked, params[2:]
            else:
                self.said = params[:2]
        return execute(sql, params, many, context)
