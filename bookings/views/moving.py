"""Asking for another time of a booking that is there: by whose it is, or by the laboratory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings import services
from bookings.forms import MoveForm, as_initial, named_in, usual_lengths, with_slot
from bookings.models import Booking
from bookings.permissions import is_theirs, may_assist, may_decide
from bookings.states import State
from bookings.views.asking import offered_in, verdict_on
from bookings.views.finding import booking_of
from bookings.views.inbox import gone_on, inbox_page
from common.errors import InFlight, NotAllowed, Refused, WrongInput
from common.interval import Interval
from common.web import READ_OR_SEND, add_errors
from instruments.models import Instrument


@login_required
@READ_OR_SEND
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Another time: by whose booking it is a move, by the laboratory, of a request, an offer."""
    shown, instrument, shape = _to_move(request, booking_id)
    terms = shape["terms"]
    context: dict[str, Any] = {"sent": request.method == "POST"}
    if request.method == "POST":
        form = context["form"] = MoveForm(with_slot(request.POST), **shape)
        in_place = "inbox" in request.POST
        if form.is_valid():
            try:
                moved = _moved(request, shown, form)
                said = _said_of_move(shown, moved)
                if in_place:
                    return gone_on(request, moved, said)
                messages.success(request, said)
                return redirect(moved)
            except (Refused, WrongInput) as error:
                add_errors(form, error)
                context["alternatives"] = offered_in(error)
            except InFlight:
                messages.error(request, _("Somebody else is changing this booking at this moment: look again."))
                return redirect(shown)
        if in_place:
            near = context.get("alternatives", [])
            return inbox_page(request, opened=shown, reply="move", form=form, status=409, alternatives=near)
        context["chosen"] = form.cleaned_data.get("interval")
    else:
        chosen = named_in(request.GET, terms)
        form = context["form"] = MoveForm(initial=as_initial(chosen or shown.interval, terms), **shape)
        if chosen:
            foreseen = services.foresee_move(shown, instrument, by=request.user, interval=chosen)
            context |= verdict_on(form, foreseen.refusals, foreseen, chosen)
    context |= {"lengths": usual_lengths(terms), **_about_move(request, shown, shape)}
    return render(request, "bookings/move.html", context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def objections_to_move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """What stands against the time as it is chosen at this moment; nothing is written."""
    shown, instrument, shape = _to_move(request, booking_id)
    form = MoveForm(request.POST, **shape)
    form.is_valid()
    foreseen, interval = None, form.cleaned_data.get("interval")
    if interval:
        because = form.cleaned_data.get("overrule_because", "")
        foreseen = services.foresee_move(shown, instrument, by=request.user, interval=interval, because=because)
    verdict = verdict_on(form, foreseen.refusals if foreseen else [], foreseen, interval)
    shown_in = "bookings/verdict.html" if "inbox" in request.POST else "bookings/verdict_live.html"
    return render(request, shown_in, {**_about_move(request, shown, shape), **verdict, "live": True})


def _to_move(request: HttpRequest, booking_id: UUID) -> tuple[Booking, Instrument, dict[str, Any]]:
    """The booking, its instrument, and the shape of the form, for those who may move it."""
    shown = booking_of(request, booking_id)
    if not (is_theirs(request.user, shown) or may_decide(request.user, shown)):
        raise NotAllowed(_("Only who booked, or a lab admin, may change a booking."))
    instrument = services.with_terms(Instrument.objects.filter(pk=shown.instrument_id)).get()
    terms = services.terms_of(instrument, services.category_for(instrument, shown.user))
    return shown, instrument, {"terms": terms, "for_others": may_assist(request.user, shown)}


def _about_move(request: HttpRequest, shown: Booking, shape: dict[str, Any]) -> dict[str, Any]:
    offers = shown.state == State.REQUESTED and not is_theirs(request.user, shown)
    return {"booking": shown, "instrument": shown.instrument, "terms": shape["terms"], "moves": True, "offers": offers}


def _moved(request: HttpRequest, shown: Booking, form: MoveForm) -> Booking:
    given, user = form.cleaned_data, request.user
    interval: Interval = given["interval"]
    if shown.state == State.REQUESTED and not is_theirs(user, shown):
        return services.offer(shown, by=user, interval=interval, note=given["note"])
    because = given.get("overrule_because", "")
    return services.move(shown, by=user, interval=interval, note=given["note"], overrule_because=because)


def _said_of_move(shown: Booking, moved: Booking) -> str:
    if moved.changes.waiting().exists():
        return _("Both times are held until the other side answers.")
    if shown.state == State.REQUESTED and moved.state == State.CONFIRMED:
        return _("Confirmed. The requester hears of it in a minute; until then you can undo it.")
    return _("Changed.")
