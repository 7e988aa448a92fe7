"""Where requests meet the texts that people have to accept: the next page after a new version asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from privacy.states import CURRENT

# What stays open to whoever has not agreed: the texts, their own data, signing out, files of other pages.
OPEN = {"agree", "terms", "terms_of", "privacy", "my_data", "fetch_export", "public_file", "help_picture", "demo_mail"}
OPEN |= {"demo_mail_one", "live", "ready", "metrics", "robots", "feed", "wall", "city_board"}


class AskToAgree:
    """Sends a page that somebody opens to the texts, and back; a form that is on its way is not lost.

    The API is not touched: a program cannot read terms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _named: Any) -> HttpResponse | None:
        user, name = request.user, request.resolver_match.url_name or "" if request.resolver_match else ""
        if request.method != "GET" or not user.is_authenticated or user.texts_accepted == CURRENT:
            return None
        if user.service_of_id:  # a program: its organisation has agreed
            return None
        is_open = name in OPEN or name.startswith(("account_", "api_", "mfa_", "socialaccount_", "usersessions_"))
        if is_open or request.path.startswith("/api/") or "HX-Request" in request.headers:
            return None
        return redirect(f"{reverse('agree')}?{urlencode({'next': request.get_full_path()})}")
