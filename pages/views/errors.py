"""The pages for what went wrong."""

from __future__ import annotations

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from common.api import NOT_HERE, problem_response

FAULT = gettext_noop("Something went wrong on our side")


def unreadable(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 400, _("This cannot be read"), "slash-circle")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, 403, _("You may not do this"), "slash-circle", why=str(exception))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_response(404, "not_found", _(NOT_HERE))
    return _problem(request, 404, _("There is nothing here that you can see"), "search")


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; where the database does not answer it is said so, and that it passes."""
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    if request.path.startswith("/api/"):
        code, said = ("unavailable", _("The database does not answer")) if away else ("server_error", _(FAULT))
        answer = problem_response(503 if away else 500, code, said)
    else:
        answer = _problem(request, 503 if away else 500, _("Back in a minute") if away else _(FAULT), "")
    if away:
        answer["Retry-After"] = "60"
    return answer


def _problem(request: HttpRequest, status: int, title: str, sign: str, **more: object) -> HttpResponse:
    context = {"title": title, "sign": sign, **more}
    return render(request, f"errors/{status}.html", context, status=status)
