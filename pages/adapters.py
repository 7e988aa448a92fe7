"""Where Django meets our pages: what search engines may find, and the way back from the address of a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from django.contrib.auth.models import AnonymousUser
from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from rest_framework.permissions import SAFE_METHODS

from common.clock import seconds_off
from instruments.models import Instrument, TestItem
from pages.views.errors import later
from pages.views.help import ROLES

CLOCK_OFF = gettext_noop(
    "The clock of the portal's machine is wrong, so nothing is changed at this moment. What stands is not touched; "
    "please try again later."
)


class WayBackMiddleware:
    """Leads on from the address of a button, where a sign-in in between ends up, to the page that the button is on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        not_allowed = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET"
        if not not_allowed or request.path.startswith("/api/"):
            return response
        context = {"title": _("Please do it again"), "sign": "arrow-counterclockwise", "page": page_above(request.path)}
        shown = render(request, "errors/405.html", context, status=response.status_code)
        shown["Allow"] = response["Allow"]
        return shown


class RightClock:
    """Nothing is changed while this machine's clock is wrong: it would be written with a time that is not so."""

    # Who may not come in could not even read; who may not go out stays signed in.
    ALL_THE_SAME = frozenset({"account_login", "account_logout", "mfa_authenticate"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: object, _args: object, _more: object) -> HttpResponse | None:
        match = request.resolver_match
        if request.method in SAFE_METHODS or (match and match.view_name in self.ALL_THE_SAME) or not seconds_off():
            return None
        return later(request, "clock_off", _(CLOCK_OFF))


def page_above(path: str) -> str:
    """The nearest address above this one at which there is a page of ours; `/` at the latest."""
    above = path.rstrip("/").rpartition("/")[0] + "/"
    return above if above == "/" or _is_address(above) else page_above(above)


def _is_address(path: str) -> bool:
    try:
        return bool(resolve(path))
    except Http404:
        return False


class _InBothLanguages(Sitemap):  # type: ignore[type-arg]
    i18n = True
    alternates = True
    x_default = True
    limit = 5000


class Pages(_InBothLanguages):
    def items(self) -> list[str]:
        return ["home", "catalogue", "find", "help"]

    def location(self, item: str) -> str:
        return reverse(item)


class HelpPages(_InBothLanguages):
    def items(self) -> list[str]:
        return [each.slug for each in ROLES]

    def location(self, item: str) -> str:
        return reverse("help_role", args=[item])


class Instruments(_InBothLanguages):
    def items(self) -> QuerySet[Instrument]:
        return Instrument.objects.visible_to(AnonymousUser()).only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: Instrument) -> datetime:
        return item.updated_at


class TestItems(_InBothLanguages):
    __test__ = False

    def items(self) -> QuerySet[TestItem]:
        return TestItem.objects.visible_to(AnonymousUser()).only("slug", "updated_at").order_by("pk")

    def lastmod(self, item: TestItem) -> datetime:
        return item.updated_at


SITEMAPS = {"pages": Pages, "help": HelpPages, "instruments": Instruments, "items": TestItems}
