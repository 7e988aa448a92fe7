"""How long somebody stays signed in, and that a browser keeps nothing of it: for pages and the API's sessions alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from accounts.models import User
from accounts.permissions import owes_second_factor
from accounts.rules import objection_to_staying, stay_of
from common.web import came_from

SINCE, USED = "signed_in_at", "used_at"  # in the session, in seconds
# What a page sends when it renews itself: nobody need sit before it.
BY_ITSELF = "X-By-Itself"


def begin(request: HttpRequest, **_more: Any) -> None:
    """Two clocks start (a receiver of Django's `user_logged_in`)."""
    request.session[SINCE] = request.session[USED] = int(timezone.now().timestamp())


def note_sign_out(request: HttpRequest, **_more: Any) -> None:
    """The answer tells the browser to forget (a receiver of Django's `user_logged_out`)."""
    request.is_signed_out = True  # type: ignore[attr-defined]


class StaySignedIn:
    """Signs out who comes too late, and says so on the next page; keeps answers out of the browser's store.

    The first middleware that asks who it is. A use is written at once, and not with the answer: what another request
    puts into the same session in the meantime is not lost.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            _judge(request, request.user)
        response = self.get_response(request)
        if request.user.is_authenticated and SESSION_KEY in request.session and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        if getattr(request, "is_signed_out", False):
            # Not "cookies": that of the language stays, and that of the forms.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Says why. A page leads to the door by itself; a part of one would put the door into the page."""
        refusal = getattr(request, "came_too_late", None)
        if refusal is None or request.path.startswith("/api/"):
            return None
        messages.info(request, str(refusal.detail))
        if "HX-Request" not in request.headers:
            return None
        page = urlsplit(came_from(request) or request.get_full_path())._replace(scheme="", netloc="").geturl()
        there = urlencode({"next": page})
        return HttpResponse(headers={"HX-Redirect": f"{resolve_url(settings.LOGIN_URL)}?{there}"})


def _judge(request: HttpRequest, reader: User) -> None:
    session, now = request.session, timezone.now()
    if USED not in session:  # of a time before this was counted
        begin(request)
    since, used = (datetime.fromtimestamp(session[name], UTC) for name in (SINCE, USED))
    stay = stay_of(guarded=owes_second_factor(reader))  # type: ignore[arg-type]
    refusal = objection_to_staying(stay, since=since, used=used, now=now)
    if refusal:
        request.came_too_late = refusal  # type: ignore[attr-defined]
        logout(request)
    elif session.modified or (now - used >= stay.noted and BY_ITSELF not in request.headers):
        session[USED] = int(now.timestamp())
        _write(request)


def _write(request: HttpRequest) -> None:
    try:
        request.session.save()
    except UpdateError:  # ended by another request, a moment ago
        logout(request)
    else:
        request.session.modified = False
