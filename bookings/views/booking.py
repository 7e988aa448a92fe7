"""Making bookings, and moving them."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import ResearchGroup
from bookings import services
from bookings.forms import BookingForm, MoveForm, initial_of, with_slot
from bookings.models import Booking
from bookings.permissions import is_theirs, may_decide
from bookings.rules.in_words import policy_in_words
from bookings.states import OperatorUse, State
from bookings.views.finding import booking_of
from bookings.views.inbox import gone_on, inbox_page, move_form
from common.errors import InFlight, NotAllowed, OtherBody, Refusal, Refused, WrongInput
from common.interval import Interval
from common.web import add_errors
from instruments.models import Instrument
from instruments.permissions import runs
from instruments.rules import objections_to_answers, questions_of
from records.services import Answer, once


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new_booking(request: HttpRequest, slug: str) -> HttpResponse:
    """The booking form; every objection stands beside its field, and on top of the form."""
    visible = Instrument.objects.visible_to(request.user)
    instrument = get_object_or_404(services.with_terms(visible), slug=slug)
    shape = form_shape(request, instrument)
    drawn = {name: value for name, value in shape.items() if name != "category"}
    alternatives: list[dict[str, Any]] = []
    if request.method == "POST":
        form = BookingForm(with_slot(request.POST), **drawn)
        if form.is_valid():
            try:
                return _booked(request, instrument, form)
            except (Refused, WrongInput) as error:
                add_errors(form, error)
                alternatives = _shown(error)
            except NotAllowed as error:
                form.add_error("on_behalf_of" if "on_behalf_of" in form.fields else None, str(error.detail))
        else:
            # What the form itself found wrong is only a part: say the rest too.
            if interval := form.cleaned_data.get("interval"):
                add_errors(form, Refused(services.objections_to(instrument, by=request.user, interval=interval)))
            if "draft" not in request.POST:
                add_errors(form, Refused(_missing(form)))
    else:
        first = initial_of(request.GET.get("start", ""), shape["terms"], end=request.GET.get("end", ""))
        form = BookingForm(initial={**first, "key": uuid4()}, **drawn)
    context = {"instrument": instrument, "form": form, "alternatives": alternatives, **_rules(instrument, shape)}
    return render(request, "bookings/new.html", context, status=400 if form.errors else 200)


def _missing(form: BookingForm) -> list[Refusal]:
    """Questions that have no fitting answer yet, beside those that the form itself complains of."""
    found = objections_to_answers(form.questions, form.answers())
    return [each for each in found if each.field not in form.errors]


def form_shape(request: HttpRequest, instrument: Instrument) -> dict[str, Any]:
    """What the form must know to be drawn: the reader's own terms, the questions, their groups."""
    user = request.user
    category = services.category_for(instrument, user)
    led, terms = user.led_groups.exists(), services.terms_of(instrument, category)
    return {
        "category": category,
        "terms": terms,
        "questions": questions_of(instrument.questions),
        "groups": list((ResearchGroup.objects.filter(pi=user) | user.research_groups.all()).distinct()),
        "operators": services.operators_of(instrument) if terms.operator != OperatorUse.NEVER else [],
        "for_others": led or runs(user, instrument.facility),
    }


def _rules(instrument: Instrument, shape: dict[str, Any]) -> dict[str, Any]:
    terms = shape["terms"]
    quotas = services.quotas_of(instrument, shape["category"])
    said = policy_in_words(terms, quotas=quotas, needs=services.needs_of(instrument, terms))
    return {"terms": terms, "rules": said}


def _shown(error: Refused | WrongInput) -> list[dict[str, Any]]:
    """The nearest free times as buttons here, and as links to instruments elsewhere."""
    offered = error.extra.get("alternatives", []) if isinstance(error, Refused) else []
    known = Instrument.objects.in_bulk([each["instrument"] for each in offered], field_name="slug")
    return [{**each, "on": known[each["instrument"]]} for each in offered]


def _booked(request: HttpRequest, instrument: Instrument, form: BookingForm) -> HttpResponse:
    given = form.cleaned_data
    draft = "draft" in request.POST
    address, other = given.get("on_behalf_of"), None
    if address:
        other = services.somebody_to_book_for(address, by=request.user, instrument=instrument)

    def act() -> Answer:
        booking = services.book(
            instrument.slug,
            by=request.user,
            interval=given["interval"],
            on_behalf_of=other,
            draft=draft,
            overrule_because=given.get("overrule_because", ""),
            **form.said(),
        )
        return Answer(201, {"id": str(booking.pk), "state": booking.state})

    try:
        wish = repr([instrument.slug, given["interval"], draft, form.said(), other and other.pk])
        fingerprint = hashlib.sha256(wish.encode()).hexdigest()
        answer = once(request.user.pk, key=f"form-{given['key']}", fingerprint=fingerprint, act=act)
    except InFlight:
        return redirect("my_bookings")
    except OtherBody:
        messages.error(request, _("This form was sent before, with other entries. Begin a new booking."))
        return redirect("my_bookings")
    if not answer.replayed:
        messages.success(request, said_of(answer.body["state"]))
    return redirect("booking", answer.body["id"])


def said_of(state: str) -> str:
    if state == State.DRAFT:
        return _("The time is held for you for ten minutes. Fill in the rest and send it.")
    return _("Booked.") if state == State.CONFIRMED else _("Sent to the laboratory. You will hear by mail.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Another time: by whose booking it is a move, by the laboratory, of a request, an offer."""
    shown = booking_of(request, booking_id)
    if not (is_theirs(request.user, shown) or may_decide(request.user, shown)):
        raise NotAllowed(_("Only who booked, or a lab admin, may change a booking."))
    form, alternatives = move_form(shown, by=request.user, data=request.POST or None), list[dict[str, Any]]()
    in_place = "inbox" in request.POST
    if request.method == "POST" and form.is_valid():
        try:
            moved = _moved(request, shown, form)
            said = _said_of_move(shown, moved)
            if in_place:
                return gone_on(request, moved, said)
            messages.success(request, said)
            return redirect(moved)
        except (Refused, WrongInput) as error:
            add_errors(form, error)
            alternatives = _shown(error)
        except InFlight:
            messages.error(request, _("Somebody else is changing this booking at this moment: look again."))
            return redirect(shown)
    if in_place:
        return inbox_page(request, opened=shown, reply="move", form=form, status=409, alternatives=alternatives)
    offers = shown.state == State.REQUESTED and not is_theirs(request.user, shown)
    context = {"booking": shown, "form": form, "terms": form.terms, "alternatives": alternatives, "offers": offers}
    return render(request, "bookings/move.html", context, status=400 if form.errors else 200)


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
