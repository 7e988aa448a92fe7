"""Help: a page for each role, with pictures where `./portal manage pictures` has made them."""

from __future__ import annotations

from typing import NamedTuple

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import condition, require_safe

from accounts.models import Organisation, User
from accounts.permissions import is_officer
from outreach.permissions import places_coordinated_by
from pages.templatetags.pictures import place_of

AN_HOUR = 3600  # seconds


class Role(NamedTuple):
    """Whose help it is: its word in the address, icon, name, and a line on what is told."""

    slug: str
    icon: str
    word: str | Promise
    says: str | Promise


ROLES = [
    Role("researcher", "search", _("I use instruments"), _("Find, book, come and check in, move, cancel.")),
    Role("lab-admin", "building", _("I run a laboratory"), _("Decide, plan the day, set hours and rules.")),
    Role("operator", "person-badge", _("I operate instruments"), _("Today's plan, check-in, faults, the logbook.")),
    Role("firm", "eyedropper", _("I come from a firm"), _("Find a test, prepare samples, book time.")),
    Role("institution", "journal-text", _("I keep an institution's records"), _("Import, confirm, collect.")),
    Role("programs", "key", _("I connect a program"), _("Tokens, the REST API, calendars.")),
    Role("youth", "mortarboard", _("I come with young people"), _("Find, enrol, consent, pay, come.")),
    Role("coordinator", "people", _("I plan courses and camps"), _("Programmes, sessions, mentors, days.")),
]


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    """Which role are you?"""
    return render(request, "help/index.html", {"roles": ROLES})


@require_safe
def help_role(request: HttpRequest, role: str) -> HttpResponse:
    """The steps of one role; their links lead to the reader's own laboratory or institution where there is one."""
    chosen = next((each for each in ROLES if each.slug == role), None)
    if chosen is None:
        raise Http404
    context: dict[str, object] = {"roles": ROLES, "role": chosen}
    if isinstance(request.user, User):
        standing = request.user.facility_roles.standing(timezone.localdate()).select_related("facility")
        own = (standing.admins() if role == "lab-admin" else standing).order_by("facility__name_zh").first()
        governed = Organisation.objects.administered_by(request.user).filter(facilities__isnull=False)
        context |= {"lab": own and own.facility, "institution": governed.order_by("name_zh").first()}
        context["officer"] = is_officer(request.user)
        context["coordinates"] = places_coordinated_by(request.user).exists()
    return render(request, f"help/{role}.html", context)


def _version(request: HttpRequest, name: str) -> str | None:
    """The ETag of a picture: another one whenever it was drawn anew."""
    place = place_of(name)
    if not place.is_file():
        return None
    found = place.stat()
    return f'"{found.st_mtime_ns:x}-{found.st_size:x}"'


@require_safe
@condition(etag_func=_version)
def help_picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """A picture of the demo city, in the language of the address."""
    place = place_of(name)
    if not place.is_file():
        raise Http404
    response = FileResponse(place.open("rb"), content_type="image/png")
    response["Cache-Control"] = f"public, max-age={AN_HOUR}"
    response["X-Content-Type-Options"] = "nosniff"
    return response
