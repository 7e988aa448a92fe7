"""How a stored file is sent: never as a page of ours, and never from a cache to somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags, quote_etag

A_YEAR = 31_536_000  # seconds


class Sendable(Protocol):
    """What is asked of a file: `place` is its path under DATA_DIR/files, `path` the whole one."""

    sha256: str
    size: int
    media_type: str
    name: str
    public: bool

    @property
    def place(self) -> str: ...
    @property
    def path(self) -> Path: ...
    @property
    def is_picture(self) -> bool: ...


def send_file(request: HttpRequest, stored: Sendable) -> HttpResponseBase:
    """The file, in pieces or by the web server in front (X_ACCEL_PREFIX); 304 where the reader has it already.

    Call it after you know that the reader may see it. Only pictures, which we drew ourselves, open in the page;
    everything else is saved (attachment), with its name in any script (RFC 6266, 8187). No charset is said:
    a CSV may be in GB18030.
    """
    etag = quote_etag(stored.sha256)
    known = [tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))]
    response: HttpResponseBase
    if "*" in known or etag in known:
        response = HttpResponse(status=304)
    elif settings.X_ACCEL_PREFIX:
        response = HttpResponse(content_type=stored.media_type)
        response["X-Accel-Redirect"] = f"{settings.X_ACCEL_PREFIX.rstrip('/')}/{quote(stored.place)}"
    else:
        response = FileResponse(stored.path.open("rb"), content_type=stored.media_type)
        response["Content-Length"] = str(stored.size)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={A_YEAR}, immutable" if stored.public else "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    # Even if somebody found a way to open it in the browser: it may do nothing there.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Content-Disposition"] = content_disposition_header(not stored.is_picture, stored.name) or "attachment"
    return response
