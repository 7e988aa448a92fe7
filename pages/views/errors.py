"""The pages for what went wrong."""

from __future__ import annotations

import sys

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.api import NOT_HERE, problem_response
from common.disk import SAID, says_full

log = structlog.get_logger()

FAULT = gettext_noop("Something went wrong on our side")
AWAY = gettext_noop(
    "The database does not answer at this moment. What you had booked stands, and nothing was half-done: please try "
    "again in a minute."
)


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 400, _("This cannot be read"), "slash-circle")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 403, _("You may not do this"), "slash-circle", why=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(404, "not_found", _(NOT_HERE))
    return _problem(request, 404, _("There is nothing here that you can see"), "search")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; where the disk is full or the database does not answer it is said so, and that it passes."""
    error = sys.exc_info()[1]
    if says_full(error):
        log.error("disk_full", error=str(error).splitlines()[0])
        return later(request, "disk_full", _(SAID))
    if isinstance(error, OperationalError | InterfaceError):
        return later(request, "unavailable", _(AWAY))
    if request.path.startswith("/api/"):
        return problem_response(500, "server_error", _(FAULT))
    return _problem(request, 500, _(FAULT), "")


def later(request: HttpRequest, code: str, said: str) -> HttpResponse:
    """503: not done, and worth asking again."""
    if request.path.startswith("/api/"):
        answer: HttpResponse = problem_response(503, code, said)
    else:
        answer = _problem(request, 503, _("Back in a minute"), "", why=said)
    answer["Retry-After"] = "60"
    return answer


def _problem(request: HttpRequest, status: int, title: str, sign: str, **more: object) -> HttpResponse:
    context = {"title": title, "sign": sign, **more}
    return render(request, f"errors/{status}.html", context, status=status)
