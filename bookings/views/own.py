"""One's bookings: the list, and one of them with all that can be done about it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from bookings import pdf, services
from bookings.forms import BookingForm
from bookings.models import Booking
from bookings.permissions import is_theirs, may_assist, may_cancel, may_decide
from bookings.rules.way import way_of
from bookings.states import IS_COMING, MOVABLE, NEXT, State
from bookings.views.asking import said_before, said_of, shape_for
from bookings.views.finding import booking_of
from common.errors import Refused, WrongInput
from common.web import READ_OR_SEND, add_errors, printed
from instruments.models import Instrument
from instruments.states import TAKES_BOOKINGS, BookedWhere

SHOWN, A_PAGE, AT_HAND = 50, 20, 6


@dataclass(frozen=True)
class Row:
    """A booking in a list, with what can be done in one tap."""

    booking: Booking
    can_check_in: bool
    can_move: bool
    can_cancel: bool
    waits: bool = False


@login_required
@require_safe
def my_bookings(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, what is coming, what is past; and beside it the instruments kept at hand."""
    mine, now = Booking.objects.of(request.user).with_everything(), timezone.now()
    shows_past = request.GET.get("show") == "past"
    waiting = list(Booking.objects.needing_answer_of(request.user).with_everything().order_by("starts_at")[:SHOWN])
    if shows_past:
        page = Paginator(mine.past(now), A_PAGE).get_page(request.GET.get("page"))
        context: dict[str, Any] = {"page": page, "rows": [_row(each, now) for each in page]}
    else:
        coming = mine.coming(now).exclude(pk__in=[each.pk for each in waiting])
        context = {"rows": [_row(each, now) for each in coming[:SHOWN]]}
    context |= {
        "waiting": [replace(_row(each, now), waits=True) for each in waiting],
        "shows_past": shows_past,
        "at_hand": _at_hand(request.user, now),
    }
    return render(request, "bookings/mine.html", context)


def _row(booking: Booking, now: datetime) -> Row:
    return Row(
        booking,
        can_check_in=_can_check_in(booking, now),
        can_move=_may_be_moved(booking, now),
        can_cancel=State.CANCELLED in NEXT[booking.state] and booking.starts_at > now,
    )


def _at_hand(user: User, now: datetime) -> list[tuple[Instrument, services.FirstFree | None]]:
    """The reader's favourites, else what they used last, each with when it is free."""
    visible = Instrument.objects.visible_to(user).for_rows()
    shown = list(visible.favourites_of(user).order_by("favourites__created_at")[:AT_HAND])
    if not shown:
        last = Booking.objects.of(user).order_by("instrument", "-starts_at").distinct("instrument").values("pk")
        newest = Booking.objects.filter(pk__in=last).order_by("-starts_at").values_list("instrument", flat=True)
        known = visible.in_bulk(list(newest[:AT_HAND]))
        shown = [known[pk] for pk in newest[:AT_HAND] if pk in known]
    return services.each_with_first_free(shown, now=now)


@login_required
@READ_OR_SEND
def booking(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """One booking with all that can be done about it; POST sends a draft."""
    shown = booking_of(request, booking_id)
    if request.method == "POST":
        return _submitted(request, shown)
    return _booking_page(request, shown)


def _submitted(request: HttpRequest, shown: Booking) -> HttpResponse:
    form = _draft_form(request, shown, request.POST)
    if not form.is_valid():
        return _booking_page(request, shown, status=400, draft_form=form)
    try:
        sent = services.submit(shown, by=request.user, **form.said())
    except (Refused, WrongInput) as error:
        add_errors(form, error)
        return _booking_page(request, booking_of(request, shown.pk), status=400, draft_form=form)
    messages.success(request, said_of(sent.state))
    return redirect(sent)


def _draft_form(request: HttpRequest, shown: Booking, data: Any = None) -> BookingForm:
    """The rest of the form of a draft, whose time stands."""
    instrument = services.with_terms(Instrument.objects.filter(pk=shown.instrument_id)).get()
    shape = {**shape_for(request.user, instrument), "for_others": False}
    del shape["category"]
    form = BookingForm(data, initial=said_before(shown, shape["questions"]), **shape)
    for name in ("day", "start", "end", "end_day", "key"):
        del form.fields[name]
    return form


def _booking_page(request: HttpRequest, shown: Booking, status: int = 200, **more: Any) -> HttpResponse:
    user, now = request.user, timezone.now()
    theirs, decides = is_theirs(user, shown), may_decide(user, shown)
    open_ahead = shown.starts_at > now
    change = shown.changes.waiting().select_related("instrument__facility", "was_instrument", "asked_by").first()
    draft = theirs and shown.state == State.DRAFT
    context = {
        "booking": shown,
        "stages": way_of(shown),
        "theirs": theirs,
        "change": change,
        "draft_form": _draft_form(request, shown) if draft and "draft_form" not in more else None,
        "can_decide": decides and not change and shown.state == State.REQUESTED and open_ahead,
        "can_reassign": (reassigns := decides and shown.assisted and shown.state in IS_COMING and shown.ends_at > now),
        "operators": services.operators_of(shown.instrument) if reassigns else [],
        "can_answer": theirs and shown.state == State.NEEDS_INFO,
        "can_undo": decides and services.can_undo(shown, now=now),
        "my_turn": change and (theirs if change.kind == "counter" else decides),
        "can_move": (theirs or (decides and shown.state != State.REQUESTED))
        and _may_be_moved(shown, now)
        and not change,
        "can_cancel": _can_cancel(shown, user, open_ahead=open_ahead),
        "can_check_in": _may_use(shown, user) and _can_check_in(shown, now),
        "can_check_out": _may_use(shown, user) and shown.state == State.IN_USE,
        "can_hand_over": theirs and shown.state == State.CONFIRMED and open_ahead and services.allows_hand_over(shown),
        "can_rate": theirs and shown.state == State.COMPLETED and not hasattr(shown, "feedback"),
        "closures": services.closures_during(shown) if shown.state in IS_COMING else [],
        "again": _again_in_words(shown) if theirs else "",
        "thread": services.thread_of(shown),
    }
    return render(request, "bookings/booking.html", {**context, **more}, status=status)


@login_required
@require_safe
def slip(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """The booking slip, A5, to print and bring along."""
    shown = booking_of(request, booking_id)
    address = request.build_absolute_uri(shown.get_absolute_url())
    return printed(pdf.slip(shown, address=address), f"booking-{shown.starts_at:%Y-%m-%d}-{shown.instrument.slug}.pdf")


def _again_in_words(shown: Booking) -> str:
    """What to call a booking with the same words at another time; nothing while this one is still to come."""
    if shown.instrument.status not in TAKES_BOOKINGS or shown.instrument.booked_where != BookedWhere.HERE:
        return ""
    if shown.state in {State.DECLINED, State.CANCELLED, State.EXPIRED, State.NO_SHOW}:
        return _("Find another time")
    return _("Book again") if shown.state == State.COMPLETED else ""


def _may_be_moved(shown: Booking, now: datetime) -> bool:
    return shown.state in MOVABLE and shown.ends_at > now


def _may_use(shown: Booking, user: User) -> bool:
    return is_theirs(user, shown) or may_assist(user, shown)


def _can_check_in(shown: Booking, now: datetime) -> bool:
    return shown.state == State.CONFIRMED and shown.starts_at - services.EARLY_CHECK_IN <= now < shown.ends_at


def _can_cancel(shown: Booking, user: User, *, open_ahead: bool) -> bool:
    if shown.state == State.NO_SHOW:
        return may_decide(user, shown)
    if shown.held_for and not may_decide(user, shown):
        return False
    return State.CANCELLED in NEXT[shown.state] and open_ahead and may_cancel(user, shown)
