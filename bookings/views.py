"""Booking pages: they translate and call one service."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import services
from bookings.forms import BookingForm, ReasonForm, initial_of, with_slot
from bookings.models import Booking
from bookings.permissions import is_theirs, may_cancel, may_decide
from bookings.states import NEXT, State
from common.errors import InFlight, OtherBody, Refused
from common.interval import Interval
from common.web import add_errors, came_from, says_why
from instruments.models import Instrument
from instruments.rules import questions_of
from records.services import Answer, once

SHOWN = 50


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_booking(request: HttpRequest, slug: str) -> HttpResponse:
    """The booking form; every objection stands beside its field, and on top of the form."""
    instrument = get_object_or_404(services.with_terms(Instrument.objects.visible_to(request.user)), slug=slug)
    terms, questions = services.terms_of(instrument), questions_of(instrument.questions)
    shape: dict[str, Any] = {"terms": terms, "questions": questions}
    alternatives: list[Interval] = []
    if request.method == "POST":
        form = BookingForm(with_slot(request.POST), **shape)
        if form.is_valid():
            try:
                return _booked(request, instrument, form)
            except Refused as error:
                add_errors(form, error)
                alternatives = [Interval(each["start"], each["end"]) for each in error.extra["alternatives"]]
        elif "interval" in form.cleaned_data:
            # What the form itself found wrong is only a part: say the rest too.
            interval = form.cleaned_data["interval"]
            add_errors(form, Refused(services.objections_to(instrument, by=request.user, interval=interval)))
    else:
        first = initial_of(request.GET.get("start", ""), terms)
        form = BookingForm(initial={**first, "key": uuid4()}, **shape)
    context = {"instrument": instrument, "terms": terms, "form": form, "alternatives": alternatives}
    return render(request, "bookings/new.html", context, status=400 if form.errors else 200)


def _booked(request: HttpRequest, instrument: Instrument, form: BookingForm) -> HttpResponse:
    given = form.cleaned_data

    def act() -> Answer:
        booking = services.book(
            instrument.slug,
            by=request.user,
            interval=given["interval"],
            purpose=given["purpose"],
            title=given["title"],
            answers=form.answers(),
        )
        return Answer(201, {"id": str(booking.pk), "state": booking.state})

    try:
        wish = repr([instrument.slug, given["interval"], given["purpose"], given["title"], form.answers()])
        fingerprint = hashlib.sha256(wish.encode()).hexdigest()
        answer = once(request.user.pk, key=f"form-{given['key']}", fingerprint=fingerprint, act=act)
    except InFlight:
        return redirect("my_bookings")
    except OtherBody:
        messages.error(request, _("This form was sent before, with other entries. Begin a new booking."))
        return redirect("my_bookings")
    if answer.replayed:
        return redirect("booking", answer.body["id"])
    confirmed = answer.body["state"] == State.CONFIRMED
    messages.success(request, _("Booked.") if confirmed else _("Sent to the laboratory. You will hear by mail."))
    return redirect("booking", answer.body["id"])


@login_required
@require_safe
def my_bookings(request: HttpRequest) -> HttpResponse:
    """Coming and past bookings of the reader."""
    mine, now = Booking.objects.of(request.user).with_everything(), timezone.now()
    context = {"coming": mine.coming(now)[:SHOWN], "past": mine.past(now)[:SHOWN]}
    return render(request, "bookings/mine.html", context)


def _visible(request: HttpRequest, booking_id: UUID) -> Booking:
    bookings = Booking.objects.visible_to(request.user).with_everything()
    return get_object_or_404(bookings, pk=booking_id)


@login_required
@require_safe
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    return _booking_page(request, _visible(request, booking_id))


def _booking_page(request: HttpRequest, booking: Booking, status: int = 200, **shown: Any) -> HttpResponse:
    open_ahead = booking.starts_at > timezone.now()
    context = {
        "booking": booking,
        "theirs": is_theirs(request.user, booking),
        "can_decide": booking.state == State.REQUESTED and open_ahead and may_decide(request.user, booking),
        "can_cancel": State.CANCELLED in NEXT[booking.state] and open_ahead and may_cancel(request.user, booking),
        "form": ReasonForm(),
    }
    return render(request, "bookings/booking.html", {**context, **shown}, status=status)


@login_required
@require_POST
@says_why("inbox")
def confirm(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    services.confirm(_visible(request, booking_id), by=request.user)
    messages.success(request, _("Confirmed. The requester hears of it by mail."))
    return redirect("inbox")


@login_required
@require_POST
@says_why("inbox")
def decline(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    services.decline(_visible(request, booking_id), by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("Declined. The requester gets the reason by mail."))
    return redirect("inbox")


@login_required
@require_POST
@says_why("my_bookings")
def cancel(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    booking = services.cancel(_visible(request, booking_id), by=request.user, reason=request.POST.get("reason", ""))
    messages.success(request, _("Cancelled. The time is free again."))
    return redirect(came_from(request) or booking)


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this lab admin, with all that is needed to decide beside the list."""
    waiting = list(Booking.objects.needing_decision_of(request.user).with_everything()[:SHOWN])
    asked = request.GET.get("open", "")
    chosen = next((each for each in waiting if str(each.pk) == asked), waiting[0] if waiting else None)
    context = {"waiting": waiting, "chosen": chosen, "facts": services.facts_about(chosen) if chosen else None}
    return render(request, "bookings/inbox.html", context)
