"""Asking for time: a new booking, another time for one, and what stands against either before it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

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
    answers_as_given,
    as_initial,
    named_in,
    usual_lengths,
    with_slot,
)
from bookings.models import Booking
from bookings.rules.in_words import policy_in_words
from bookings.states import OperatorUse, State
from bookings.views.finding import instrument_of
from bookings.views.inbox import is_id
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
                context["alternatives"] = offered_in(error)
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
        context |= _as_proposed(request, instrument, shape)
        form = context["form"]
    context |= {"lengths": usual_lengths(shape["terms"]), **_rules(instrument, shape)}
    return render(request, "bookings/new.html", context, status=400 if form.is_bound else 200)


def _as_proposed(request: HttpRequest, instrument: Instrument, shape: dict[str, Any]) -> dict[str, Any]:
    """The form as it is first seen: a time that a link names or the nearest free one, and what was said before."""
    again = _again(request, instrument)
    chosen = named_in(request.GET, shape["terms"])
    if chosen is None:
        chosen = _nearest(instrument, shape["terms"], again)
    elif "end" not in request.GET:
        chosen = services.as_long_as_free(chosen, instrument=instrument, terms=shape["terms"], now=timezone.now())
    first = as_initial(chosen, shape["terms"]) if chosen else {}
    if again:
        first |= said_before(again, shape["questions"])
    form = BookingForm(initial={**first, "key": uuid4()}, **_of_the_form(shape))
    if not chosen:
        return {"form": form}
    foreseen = services.foresee(instrument, by=request.user, interval=chosen)
    return verdict_on(form, foreseen.refusals, foreseen, chosen)


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
    context = {"instrument": instrument, "terms": shape["terms"], **verdict_on(form, found, foreseen, interval)}
    return render(request, "bookings/verdict_live.html", context)


def verdict_on(
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


def _again(request: HttpRequest, instrument: Instrument) -> Booking | None:
    """The booking of theirs that a link asks to have once more; what is not theirs is as if nothing was asked."""
    asked = request.GET.get("again", "")
    if not is_id(asked):
        return None
    return Booking.objects.of(request.user).filter(pk=asked, instrument=instrument).first()


def said_before(booking: Booking, questions: Any) -> dict[str, Any]:
    """What a booking says beside its time, as a form's first values."""
    names = ("purpose", "title", "flexible_minutes", "assisted")
    first = {**{name: getattr(booking, name) for name in names}, "operator": booking.operator_id}
    return {**first, "group": booking.group_id, **answers_as_given(questions, booking.answers)}


def _nearest(instrument: Instrument, terms: Any, again: Booking | None) -> Interval | None:
    """Where no time was named, the nearest free one is proposed: as long as before, or as usual."""
    length = min(again.interval.length, terms.longest) if again else None
    return next(iter(services.soon_free(instrument, terms, now=timezone.now(), length=length).nearest), None)


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


def offered_in(error: Refused | WrongInput) -> list[dict[str, Any]]:
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
