"""What every page shares: how a form is sent to a service, and how a refused one says why."""

from __future__ import annotations

import base64
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from common.errors import InFlight, OtherBody, Refused, WrongInput
from common.metrics import count_refusals

Saved = TypeVar("Saved")
READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


def add_errors(form: forms.Form, error: Refused | WrongInput) -> None:
    """Put each reason beside the field that it is about, or on top of the form."""
    if isinstance(error, WrongInput):
        form.add_error(error.field if error.field in form.fields else None, str(error.detail))
        return
    count_refusals(error)
    for refusal in error.refusals:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal.detail))


def taken(form: forms.Form, write: Callable[[], Saved]) -> Saved | None:
    """What the service made of a valid form; None when it was refused, with every reason beside its field."""
    if not form.is_valid():
        return None
    try:
        return write()
    except ValidationError as error:
        named = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        for name, problems in named.items():
            form.add_error(name if name in form.fields else None, problems)
    except (Refused, WrongInput) as error:
        add_errors(form, error)
    return None


def saved(form: forms.Form, write: Callable[[], Any]) -> bool:
    """The same, where only it matters whether the service took it."""
    return taken(form, lambda: (write(),)) is not None


def password_in(request: HttpRequest) -> str:
    """The password that a program or browser sends by HTTP's Basic scheme (RFC 7617); empty if it sends none."""
    scheme, _space, sent = request.headers.get("Authorization", "").partition(" ")
    try:
        given = base64.b64decode(sent, validate=True).decode() if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return given.partition(":")[2]


def asks_for_password() -> HttpResponse:
    """401: whoever asks is told that a password opens this, whether it is there or not."""
    headers = {"WWW-Authenticate": 'Basic realm="Jishi", charset="UTF-8"', "Cache-Control": "no-store"}
    words = str(_("This address opens with the name and the password that were shown when it was made."))
    return HttpResponse(words, content_type="text/plain; charset=utf-8", status=401, headers=headers)


def here(request: HttpRequest, said: str) -> HttpResponseRedirect:
    """The same page again, which says that it is done."""
    messages.success(request, said)
    return redirect(request.get_full_path())


def says_why(back_to: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """For a view that is a single button: a refusal becomes a message on the page that the button was on.

    `back_to` names the page for those who came from nowhere.
    """

    def around(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @functools.wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Refused as error:
                count_refusals(error)
                for refusal in error.refusals:
                    messages.error(request, str(refusal.detail))
            except WrongInput as error:
                messages.error(request, str(error.detail))
            except (InFlight, OtherBody):
                pass  # the same button twice: the first press does it
            return redirect(came_from(request) or back_to)

        return wrapped

    return around


def printed(content: bytes, name: str) -> HttpResponse:
    """A PDF that the browser shows, and saves under this name."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the part of the page that it will replace, and not for the whole of it."""
    return request.headers.get("HX-Request-Type") == "partial"


def page_or_part(
    request: HttpRequest, page: str, part: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """The whole page, or the `part` of it that htmx puts into the page that is there.

    The page includes the part, so both say the same; `is_part` tells the part to show the messages itself.
    """
    taken_apart = is_part(request)
    response = render(request, part if taken_apart else page, {**context, "is_part": taken_apart}, status=status)
    patch_vary_headers(response, ["HX-Request-Type"])
    if request.method == "POST":
        response["HX-Push-Url"] = "false"  # a refused form stays where it was: its own address shows no page
    return response


def came_from(request: HttpRequest) -> str:
    """The page of ours that the request was sent from, or ''."""
    return _ours(request, request.POST.get("next") or request.headers.get("Referer", ""))


def going_to(request: HttpRequest) -> str:
    """The page of ours that comes after this one, as the form or the address says, or ''."""
    return _ours(request, request.POST.get("next") or request.GET.get("next", ""))


def _ours(request: HttpRequest, page: str) -> str:
    safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if safe and page.startswith(("/", "http://", "https://")) else ""
