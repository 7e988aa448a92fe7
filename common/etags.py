"""Conditional requests (RFC 9110, 13): an answer that is known already, a change that nobody else has overtaken."""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_etags, quote_etag
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import PreconditionFailed, PreconditionRequired


def etag_of(version: int) -> str:
    """The tag of an object's version."""
    return quote_etag(f"v{version}")


def answer_with_etag(request: Request, body: Any, etag: str) -> Response:
    """The body with its tag, or 304 where the caller has it already (`If-None-Match`, compared weakly)."""
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    if "*" in known or etag in known:
        return Response(status=304, headers={"ETag": etag})
    return Response(body, headers={"ETag": etag})


def refuse_unless_matched(request: Request, etag: str) -> None:
    """Raise `PreconditionRequired` without `If-Match`, `PreconditionFailed` when it names another version."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired
    known = parse_etags(header)
    if "*" not in known and etag not in known:
        raise PreconditionFailed
