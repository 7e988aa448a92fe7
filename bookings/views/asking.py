"""Asking for time: a new booking, another time for one, and what stands against either before it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import ResearchGroup, User
from bookings import services
from bookings.forms import (
    BookingForm,
    MoveForm,
    as_initial,
    named_in,
    usual_lengths,
    with_slot,
)
from bookings.models import Booking
from bookings.permissions import is_theirs, may_assist, may_decide
from bookings.rules.in_words import policy_in_words
from bookings.states import OperatorUse, State
from bookings.views.finding import booking_of, instrument_of
from bookings.views.inbox import gone_on, inbox_page
from common.errors import InFlight, NotAllowed, OtherBody, Refusal, Refused, WrongInput
from common.interval import Interval
from common.web import READ_OR_SEND, add_errors
from instruments.models import Instrument
from instruments.permissions import runs
from instruments.rules import objections_to_answers, questions_of
from records.services import Answer, once


@login_required
@READ_OR_SEND
def new_booking(request: HttpRequest, slug: str) -> HttpResponse:
    """The booking form; every objection stands beside its field, and on top of the form."""
    instrument = instrument_of(request, slug, terms=True)
    shape = shape_for(request.user, instrument)
    context: dict[str, Any] = {"instrument": instrument, "sent": request.method == "POST"}
    if request.method == "POST":
        form = context["form"] = BookingForm(with_slot(request.POST), **_of_the_form(shape))
        if form.is_valid():
            try:
                return _booked(request, instrument, form)
            except (Refused, WrongInput) as error:
                add_errors(form, error)
                context["alternatives"] = _offered(error)
            except NotAllowed as error:
                form.add_error("on_behalf_of" if "on_behalf_of" in form.fields else None, str(error.detail))
        else:
            # What the form itself found wrong is only a part: say the rest too.
            if interval := form.cleaned_data.get("interval"):
                foreseen = services.foresee(instrument, by=request.user, interval=interval)
                add_errors(form, Refused(foreseen.refusals))
            if "draft" not in request.POST:
                add_errors(form, Refused(_missing(form)))
        context["chosen"] = form.cleaned_data.get("interval")
    else:
        chosen = named_in(request.GET, shape["terms"]) or _nearest(instrument, shape["terms"])
        first = as_initial(chosen, shape["terms"]) if chosen else {}
        form = context["form"] = BookingForm(initial={**first, "key": uuid4()}, **_of_the_form(shape))
        if chosen:
            foreseen = services.foresee(instrument, by=request.user, interval=chosen)
            context |= _verdict(form, foreseen.refusals, foreseen, chosen)
    context |= {"lengths": usual_lengths(shape["terms"]), **_rules(instrument, shape)}
    return render(request, "bookings/new.html", context, status=400 if form.is_bound else 200)


@login_required
@require_POST
def objections(request: HttpRequest, slug: str) -> HttpResponse:
    """What stands against the booking as it is filled in at this moment; nothing is written."""
    instrument = instrument_of(request, slug, terms=True)
    shape = shape_for(request.user, instrument)
    form = BookingForm(request.POST, **_of_the_form(shape))
    form.is_valid()
    given, foreseen, found = form.cleaned_data, None, []
    if interval := given.get("interval"):
        try:
            foreseen = services.foresee(
                instrument,
                by=request.user,
                interval=interval,
                on_behalf_of=_other(request, instrument, given),
                because=given.get("overrule_because", ""),
                **form.said(),
            )
            found = foreseen.refusals
        except WrongInput as error:
            found = [Refusal("wrong", error.detail, error.field)]
        except NotAllowed as error:
            found = [Refusal("not_allowed", error.detail, "on_behalf_of")]
    else:
        found = _missing(form)
    context = {"instrument": instrument, "terms": shape["terms"], **_verdict(form, found, foreseen, interval)}
    return render(request, "bookings/verdict_live.html", context)


def _verdict(
    form: BookingForm, refusals: Iterable[Refusal], foreseen: services.Foreseen | None, chosen: Interval | None
) -> dict[str, Any]:
    """What is still open, each with the field that it is about; what will happen; which free times are near."""
    found = [(name, said) for name in form.errors for said in form.errors[name]]
    found += [(each.field, str(each.detail)) for each in refusals]
    return {
        "form": form,
        "chosen": chosen,
        "against": [(form[name] if name in form.fields else None, said) for name, said in found],
        "foreseen": foreseen,
        "alternatives": _shown(foreseen.alternatives) if foreseen else [],
    }


def _nearest(instrument: Instrument, terms: Any) -> Interval | None:
    """Where no time was named, the nearest free one is proposed."""
    return next(iter(services.soon_free(instrument, terms, now=timezone.now()).nearest), None)


def _missing(form: BookingForm) -> list[Refusal]:
    """Questions that have no fitting answer yet, beside those that the form itself complains of."""
    found = objections_to_answers(form.questions, form.answers())
    return [each for each in found if each.field not in form.errors]


def shape_for(user: Any, instrument: Instrument) -> dict[str, Any]:
    """What the form must know to be drawn: the reader's own terms, the questions, their groups."""
    category = services.category_for(instrument, user)
    led, terms = user.led_groups.exists(), services.terms_of(instrument, category)
    return {
        "category": category,
        "terms": terms,
        "questions": questions_of(instrument.questions),
        "groups": list((ResearchGroup.objects.filter(pi=user) | user.research_groups.all()).distinct()),
        "operators": services.operators_of(instrument) if terms.operator != OperatorUse.NEVER else [],
        **services.payers_of(instrument, user, category),
        "for_others": led or runs(user, instrument.facility),
    }


def _of_the_form(shape: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in shape.items() if name != "category"}


def _rules(instrument: Instrument, shape: dict[str, Any]) -> dict[str, Any]:
    terms = shape["terms"]
    quotas = services.quotas_of(instrument, shape["category"])
    said = policy_in_words(terms, quotas=quotas, needs=services.needs_of(instrument, terms))
    return {"terms": terms, "rules": said}


def _shown(offered: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The nearest free times with the instruments that they are on."""
    found = Instrument.objects.select_related("facility__organisation")
    known = found.in_bulk([each["instrument"] for each in offered], field_name="slug") if offered else {}
    return [{**each, "on": known[each["instrument"]]} for each in offered]


def _offered(error: Refused | WrongInput) -> list[dict[str, Any]]:
    return _shown(error.extra.get("alternatives", [])) if isinstance(error, Refused) else []


def _other(request: HttpRequest, instrument: Instrument, given: dict[str, Any]) -> User | None:
    """For whom it is, where it is for somebody else."""
    address = given.get("on_behalf_of")
    return services.somebody_to_book_for(address, by=request.user, instrument=instrument) if address else None


def _booked(request: HttpRequest, instrument: Instrument, form: BookingForm) -> HttpResponse:
    given = form.cleaned_data
    draft = "draft" in request.POST
    other = _other(request, instrument, given)

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
                context["alternatives"] = _offered(error)
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
            context |= _verdict(form, foreseen.refusals, foreseen, chosen)
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
    verdict = _verdict(form, foreseen.refusals if foreseen else [], foreseen, interval)
    return render(request, "bookings/verdict_live.html", {**_about_move(request, shown, shape), **verdict})


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
