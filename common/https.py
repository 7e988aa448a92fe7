"""The API over http: refused, where pages are led to https. A program that is led on never learns what it gave away."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from common.api import problem_response


class ApiOverHttps:
    """403 `https_only`, where the portal is reached by https (SITE_URL). Stands where the language is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not settings.SECURE_SSL_REDIRECT or request.is_secure() or not request.path.startswith("/api/"):
            return self.get_response(request)
        detail = _("The API answers over https only. Revoke the token that you sent: others may have read it.")
        return problem_response(HTTPStatus.FORBIDDEN, "https_only", detail)
