"""How often one may ask the API: a window of a minute for each token, user and address, counted in the cache.

Where the cache is away nobody is refused; the log says so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import structlog
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

log = structlog.get_logger()

WINDOW = 60  # seconds
PER_TOKEN, PER_USER, PER_ADDRESS = 3000, 6000, 600


class Limits(BaseThrottle):
    """3,000 requests a minute for a token, 6,000 for a user, 600 for an address that nobody signed in from."""

    def allow_request(self, request: Request, view: Any) -> bool:  # noqa: ARG002 (the framework calls it so)
        now = time.time()
        self.left_seconds = int(WINDOW - now % WINDOW) + 1
        window = int(now // WINDOW)
        found = [(limit, count_up(f"limit {key} {window}")) for key, limit in self._whom(request).items()]
        known = [(limit, limit - count) for limit, count in found if count is not None]
        if not known:
            return True
        limit, left = min(known, key=lambda each: each[1])
        request._request.rate_limit = (limit, max(left, 0), self.left_seconds)  # type: ignore[attr-defined]
        return left >= 0

    def wait(self) -> float:
        return self.left_seconds

    def _whom(self, request: Request) -> dict[str, int]:
        if not request.user.is_authenticated:
            return {f"address {self.get_ident(request)}": PER_ADDRESS}
        whom = {f"user {request.user.pk}": PER_USER}
        token = getattr(request.auth, "pk", None)
        return {**whom, f"token {token}": PER_TOKEN} if token else whom


def count_up(key: str) -> int | None:
    """How often `key` was counted in its window, this time included; None where the cache does not answer."""
    for _try in range(2):  # at the first of a window two may meet
        try:
            count: int | None = cache.incr(key)
        except ValueError:
            if cache.add(key, 1, WINDOW * 2):
                return 1
        else:
            if count is not None:
                return count
            break
    log.warning("api_not_limited", reason="the cache does not answer")
    return None


class LimitHeaders:
    """Says in each answer of the API how much is left (RateLimit-Limit, -Remaining, -Reset)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if known := getattr(request, "rate_limit", None):
            for name, value in zip(("Limit", "Remaining", "Reset"), known, strict=True):
                response[f"RateLimit-{name}"] = str(value)
        return response
