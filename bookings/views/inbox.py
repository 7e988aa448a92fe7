"""The inbox: what waits for a lab admin beside all that is needed to decide it, and each answer in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from bookings import services
from bookings.forms import AskForm, DeclineForm, MoveForm, as_initial, named_in, usual_lengths
from bookings.models import Booking, Change
from bookings.permissions import may_assist, may_decide
from bookings.querysets import BookingQuerySet
from common.errors import InFlight, NotAllowed, Refused, WrongInput
from common.text import in_reading_language, tidy
from common.web import page_or_part, saved
from instruments.models import Instrument

SHOWN = 50
IN_PLACE = {"confirm", "decline", "ask", "undo"}
REPLIES: dict[str, type[forms.Form]] = {"decline": DeclineForm, "ask": AskForm}
USUAL_REASONS = [
    gettext_lazy("The instrument is needed for maintenance at this time. Choose another time."),
    gettext_lazy("Training on this instrument comes first. Ask the laboratory for it."),
    gettext_lazy("What is said of the samples is not enough to judge. Describe them and ask again."),
    gettext_lazy("These samples cannot be measured on this instrument."),
    gettext_lazy("No operator is free at this time. Choose another time."),
]


@dataclass(frozen=True)
class Asked:
    """Which part of the inbox is looked at: a laboratory, an instrument; both are slugs, "" for all."""

    facility: str = ""
    instrument: str = ""

    @classmethod
    def by(cls, request: HttpRequest) -> Asked:
        """From the address of the page, or from the form that was on it."""
        given = QueryDict(request.POST["inbox"]) if "inbox" in request.POST else request.GET
        return cls(*(tidy(given.get(name, ""))[:50] for name in ("facility", "instrument")))

    def waiting_for(self, user: User) -> BookingQuerySet:
        waiting = Booking.objects.needing_decision_of(user)
        waiting = waiting.filter(instrument__facility__slug=self.facility) if self.facility else waiting
        return waiting.filter(instrument__slug=self.instrument) if self.instrument else waiting

    @property
    def query(self) -> str:
        return urlencode({name: slug for name, slug in vars(self).items() if slug})

    @property
    def before(self) -> str:
        """The address up to where `open=` is added."""
        return reverse("inbox") + "?" + (f"{self.query}&" if self.query else "")

    def address(self, opened: object = None) -> str:
        """The inbox as it is looked at, with one booking open."""
        return f"{self.before}open={opened}" if opened else self.before.rstrip("?&")


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this lab admin; `?open=` says which is looked at, `?do=` how it is about to be answered."""
    return inbox_page(request)


def inbox_page(
    request: HttpRequest,
    *,
    opened: Booking | None = None,
    reply: str = "",
    form: forms.Form | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The list with one booking open; `form` is what was refused, with what was entered and why."""
    user, asked, now = request.user, Asked.by(request), timezone.now()
    waiting = list(asked.waiting_for(user).with_everything()[:SHOWN])
    wanted = opened or _opened(request)
    if wanted:
        wanted = next((each for each in waiting if each.pk == wanted.pk), wanted)
    chosen = wanted or (waiting[0] if waiting else None)
    waits = chosen is not None and (chosen in waiting or asked.waiting_for(user).filter(pk=chosen.pk).exists())
    change = Change.objects.filter(booking=chosen).waiting().select_related("instrument__facility").first()
    if waits and not form and request.method != "POST":
        reply, form = _reply(request, chosen, change)
    places = _places(user)
    context = {
        "asked": asked,
        "waiting": waiting,
        "total": asked.waiting_for(user).count() if len(waiting) == SHOWN else len(waiting),
        "all_waiting": sum(lab["n"] for lab in places),
        "places": places if sum(len(lab["each"]) for lab in places) > 1 else [],
        "chosen": chosen,
        "is_asked_for": wanted is not None,
        "waits": waits,
        "change": change,
        "facts": services.facts_about(chosen) if chosen and waits else None,
        "reply": reply,
        "form": form,
        "lengths": usual_lengths(form.terms) if isinstance(form, MoveForm) else [],
        "reasons": USUAL_REASONS,
        "undoable": _undoable(user),
        "now": now,
    }
    return page_or_part(request, "bookings/inbox.html", "bookings/inbox_part.html", {**context, **more}, status=status)


def _opened(request: HttpRequest) -> Booking | None:
    """The booking that the address names, where the reader decides about it; it may be decided already."""
    named = request.GET.get("open", "")
    if not is_id(named):
        return None
    found = Booking.objects.visible_to(request.user).with_everything().filter(pk=named).first()
    return found if found and may_decide(request.user, found) else None


def _reply(request: HttpRequest, chosen: Any, change: Change | None) -> tuple[str, forms.Form | None]:
    """How the open booking is about to be answered, as the address says, with the form for it."""
    reply = request.GET.get("do", "")
    if reply == "move" and not change:
        return reply, move_form(chosen, by=request.user, first=request.GET)
    return (reply, REPLIES[reply]()) if reply in REPLIES and (reply == "decline" or not change) else ("", None)


def move_form(booking: Booking, *, by: User, first: QueryDict) -> MoveForm:
    """The form for another time, with the booked one filled in, or the one that a link names (`start`, `end`)."""
    instrument = services.with_terms(Instrument.objects.filter(pk=booking.instrument_id)).get()
    terms = services.terms_of(instrument, services.category_for(instrument, booking.user))
    initial = as_initial(named_in(first, terms) or booking.interval, terms)
    return MoveForm(initial=initial, terms=terms, for_others=may_assist(by, booking))


def _places(user: User) -> list[dict[str, Any]]:
    """The instruments for which something waits, by laboratory, with how much."""
    names = ("instrument__slug", "instrument__name_zh", "instrument__name_en")
    labs = tuple(f"instrument__facility__{name}" for name in ("slug", "name_zh", "name_en"))
    waiting = Booking.objects.needing_decision_of(user).order_by()
    rows = waiting.values_list(*labs, *names).annotate(n=Count("pk", distinct=True)).order_by(labs[0], names[0])
    found: dict[str, dict[str, Any]] = {}
    for lab, lab_zh, lab_en, slug, zh, en, count in rows:
        at = found.setdefault(lab, {"slug": lab, "name": in_reading_language(lab_zh, lab_en), "n": 0, "each": []})
        at["each"].append({"slug": slug, "name": in_reading_language(zh, en), "n": count})
        at["n"] += count
    return list(found.values())


def _undoable(user: User) -> list[tuple[Booking, int]]:
    """What was decided in the last minute, with the seconds that are left to take it back."""
    since = services.undo_since()
    found = Booking.objects.undoable_by(user, since=since).with_everything()[:SHOWN]
    return [(each, int((each.decided_at - since).total_seconds())) for each in found if each.decided_at]


def decided(request: HttpRequest, booking: Booking, act: str, done: Callable[[], Any], said: str) -> HttpResponse:
    """Press a button of the inbox: the next one opens; a refusal is said in place and loses nothing."""
    form = REPLIES.get(act, forms.Form)(request.POST)
    try:
        if saved(form, done):
            return gone_on(request, booking, said, stay=act == "undo")
        status = 409
    except NotAllowed as error:
        form.add_error(None, str(error.detail))
        status = 403
    except InFlight:
        return redirect(Asked.by(request).address(booking.pk))
    fresh = Booking.objects.with_everything().get(pk=booking.pk)
    return inbox_page(request, opened=fresh, reply=act if act in REPLIES else "", form=form, status=status)


def gone_on(request: HttpRequest, booking: Booking, said: str, *, stay: bool = False) -> HttpResponseRedirect:
    """To what waits next, in the order of the list; what can be undone says itself that it is done."""
    asked = Asked.by(request)
    if not Booking.objects.undoable_by(request.user, since=services.undo_since()).filter(pk=booking.pk).exists():
        messages.success(request, said)
    if stay:
        return redirect(asked.address(booking.pk))
    waiting = asked.waiting_for(request.user).exclude(pk=booking.pk)
    following = waiting.filter(starts_at__gte=booking.starts_at).first() or waiting.first()
    return redirect(asked.address(following and following.pk))


@login_required
@require_POST
def confirm_many(request: HttpRequest) -> HttpResponse:
    """Confirm what was ticked; what cannot be confirmed says why and keeps waiting."""
    waiting = Booking.objects.needing_decision_of(request.user).with_everything()
    ticked = waiting.filter(pk__in=[each for each in request.POST.getlist("booking")[:SHOWN] if is_id(each)])
    done = sum(_is_confirmed(request, booking) for booking in ticked)
    if done:
        messages.success(request, _("%(count)s confirmed.") % {"count": done})
    elif not ticked:
        messages.error(request, _("Tick what is to be confirmed."))
    return redirect(Asked.by(request).address())


def _is_confirmed(request: HttpRequest, booking: Booking) -> bool:
    try:
        services.agree(booking, by=request.user)
        return True
    except NotAllowed as error:
        messages.error(request, str(error.detail))
    except WrongInput as error:
        messages.error(request, f"{booking}: {error.detail}")
    except InFlight:
        pass  # somebody else is at it
    except Refused as error:
        for refusal in error.refusals:
            messages.error(request, f"{booking}: {refusal.detail}")
    return False


def is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False
