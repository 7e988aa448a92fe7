"""Single buttons: each is one address, one service, one sentence afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from bookings import services
from bookings.models import Booking, Feed
from bookings.states import FeedKind
from bookings.views.finding import booking_of, facility_run_by, instrument_of
from bookings.views.inbox import IN_PLACE, decided
from common.errors import WrongInput
from common.text import tidy
from common.web import came_from, says_why

Act = Callable[[Booking, User, QueryDict], Any]


def _number(given: QueryDict, name: str) -> int | None:
    """A whole number that was entered, or None; raises WrongInput."""
    text = given.get(name, "").strip()
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise WrongInput(name, "invalid", _("Enter a whole number from 0 to 999,999."))
    return int(text)


def _hand_over(booking: Booking, by: User, given: QueryDict) -> Booking:
    return services.hand_over(booking, by=by, to=given.get("to", ""))


def _person_id(given: QueryDict, name: str) -> UUID | None:
    """Who was chosen from a list; None for whoever is free."""
    try:
        return UUID(given[name]) if given.get(name) else None
    except ValueError:
        raise WrongInput(name, "invalid", _("Choose somebody from the list.")) from None


def _check_out(booking: Booking, by: User, given: QueryDict) -> Booking:
    words = {"note": given.get("note", ""), "problem": given.get("problem", "")}
    return services.check_out(booking, by=by, samples=_number(given, "samples"), **words)


ACTS: dict[str, tuple[Act, str | Promise]] = {
    "confirm": (
        lambda booking, by, given: services.agree(booking, by=by, note=given.get("note", "")),
        gettext_lazy("Confirmed. The requester hears of it in a minute; until then you can undo it."),
    ),
    "decline": (
        lambda booking, by, given: services.disagree(booking, by=by, reason=given.get("reason", "")),
        gettext_lazy("Declined. The requester gets the reason in a minute; until then you can undo it."),
    ),
    "ask": (
        lambda booking, by, given: services.ask(booking, by=by, question=given.get("question", "")),
        gettext_lazy("Asked. The time stays held; the request comes back with the answer."),
    ),
    "answer": (
        lambda booking, by, given: services.answer(booking, by=by, text=given.get("text", "")),
        gettext_lazy("Answered. The laboratory decides next."),
    ),
    "undo": (
        lambda booking, by, _given: services.undo(booking, by=by),
        gettext_lazy("Taken back. The request waits again, and nobody was told."),
    ),
    "cancel": (
        lambda booking, by, given: services.cancel(
            booking, by=by, reason=given.get("reason", ""), for_safety="for_safety" in given
        ),
        gettext_lazy("Cancelled. The time is free again."),
    ),
    "accept_change": (
        lambda booking, by, _given: services.accept_change(booking, by=by),
        gettext_lazy("Agreed: the new time stands."),
    ),
    "refuse_change": (
        lambda booking, by, given: services.refuse_change(booking, by=by, reason=given.get("reason", "")),
        gettext_lazy("Said no. What was held for it is free again; a request that waited for your yes is cancelled."),
    ),
    "check_in": (
        lambda booking, by, _given: services.check_in(booking, by=by),
        gettext_lazy("Checked in. Check out when you are done."),
    ),
    "check_out": (_check_out, gettext_lazy("Checked out. Thank you; what is left of the time is free again.")),
    "say": (
        lambda booking, by, given: services.write_to(booking, by=by, text=given.get("text", "")),
        gettext_lazy("Sent."),
    ),
    "hand_over": (_hand_over, gettext_lazy("Handed over.")),
    "reassign": (
        lambda booking, by, given: services.reassign(booking, by=by, to=_person_id(given, "to")),
        gettext_lazy("Another operator takes it."),
    ),
    "feedback": (
        lambda booking, by, given: services.give_feedback(
            booking, by=by, mark=_number(given, "mark") or 0, text=given.get("text", "")
        ),
        gettext_lazy("Thank you."),
    ),
}


@login_required
@require_POST
@says_why("my_bookings")
def act(request: HttpRequest, booking_id: UUID, act: str) -> HttpResponse:
    """Press one button of a booking."""
    booking, (done, said) = booking_of(request, booking_id), ACTS[act]
    if "inbox" in request.POST and act in IN_PLACE:
        return decided(request, booking, act, lambda: done(booking, request.user, request.POST), str(said))
    done(booking, request.user, request.POST)
    messages.success(request, str(said))
    return redirect(came_from(request) or ("inbox" if act in IN_PLACE else booking))


@login_required
@require_safe
def feeds(request: HttpRequest) -> HttpResponse:
    """Calendars that the reader subscribes to, and the places whose calendar they may have."""
    mine = Feed.objects.live().filter(owner=request.user).select_related("instrument", "facility")
    roles = request.user.facility_roles.select_related("facility")
    shown, here = request.session.pop("new_feed", None), request.build_absolute_uri("/")[:-1]
    return render(request, "bookings/feeds.html", {"feeds": mine, "roles": roles, "shown": shown, "here": here})


@login_required
@require_POST
@says_why("feeds")
def make_feed(request: HttpRequest) -> HttpResponse:
    slug, place = (tidy(request.POST.get(name, "")) for name in ("instrument", "facility"))
    instrument = instrument_of(request, slug) if slug else None
    facility = facility_run_by(request, place) if place else None
    kind = FeedKind.WALL if request.POST.get("kind") == FeedKind.WALL else FeedKind.CALENDAR
    made = services.make_feed(request.user, instrument=instrument, facility=facility, kind=kind)
    request.session["new_feed"] = asdict(services.addresses_of(*made))
    return redirect("feeds")


@login_required
@require_POST
def revoke_feed(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    services.revoke_feed(get_object_or_404(Feed.objects.revocable_by(request.user), pk=feed_id))
    messages.success(request, _("The address works no longer."))
    return redirect(came_from(request) or "feeds")
