"""The address of public files; every other file is sent by the app that owns what it belongs to."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from common.sending import send_file
from records.models import StoredFile


@require_safe
def public_file(request: HttpRequest, sha256: str, extension: str) -> HttpResponseBase:
    """A public file by its hash, so that it may be cached for ever; a private one is as if it were not there."""
    stored = StoredFile.objects.public_at(sha256).first()
    if stored is None or stored.extension != extension:
        raise Http404
    return send_file(request, stored)
