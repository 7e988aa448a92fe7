"""Finding a free time in the whole city, the rules in words, histories, calendars for other programs."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from bookings import formats, services
from bookings.forms.booking import IN_OUR_CENTURY
from bookings.models import Feed
from bookings.rules.in_words import policy_in_words
from bookings.views.finding import booking_of, instrument_of, instrument_run_by
from common.interval import Interval
from common.web import asks_for_password, password_in
from common.words import length
from instruments.models import Instrument
from instruments.services import readings_of

lazy_length = lazy(length, str)
HERE = ZoneInfo("Asia/Shanghai")


class FindForm(forms.Form):
    """What, when, how long."""

    q = forms.CharField(label=gettext_lazy("What for"), max_length=100, required=False)
    day = forms.DateField(
        label=gettext_lazy("Day"), validators=IN_OUR_CENTURY, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    start = forms.TimeField(label=gettext_lazy("Not before"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    end = forms.TimeField(label=gettext_lazy("Not after"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("How long"), coerce=int, initial=60,
        choices=[(minutes, lazy_length(timedelta(minutes=minutes))) for minutes in services.LENGTHS_TO_FIND],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"start", "end"} <= given.keys() and given["start"] >= given["end"]:
            self.add_error("end", gettext_lazy("The end must be after the start."))
        if given.get("day") and given["day"] < timezone.localdate():
            self.add_error("day", gettext_lazy("This day is past."))
        return given

    def window(self) -> Interval:
        given = self.cleaned_data
        return Interval(*(datetime.combine(given["day"], given[name], HERE) for name in ("start", "end")))


@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What, when, how long: only what is free, over the whole city; near misses when nothing fits."""
    first = {"day": timezone.localdate() + timedelta(days=1), "start": time(8), "end": time(20)}
    form = FindForm(request.GET or None, initial=first)
    context: dict[str, Any] = {"form": form, "asked": form.is_bound and form.is_valid()}
    if context["asked"]:
        window, taken = form.window(), readings_of(form.cleaned_data["q"])
        wanted = timedelta(minutes=form.cleaned_data["minutes"])
        visible = Instrument.objects.visible_to(request.user).matching(taken and taken.of_instruments)
        context["found"], context["near"] = services.openings(visible, window=window, length=wanted, now=timezone.now())
    return render(request, "bookings/find.html", context)


@require_safe
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """The rules of an instrument in words, for the reader's own customer category."""
    instrument = instrument_of(request, slug, terms=True)
    explained = services.explain_policy(instrument, request.user, now=timezone.now())
    said = policy_in_words(explained.terms, quotas=explained.quotas, needs=explained.needs)
    context = {"instrument": instrument, "explained": explained, "said": said}
    return render(request, "bookings/policy.html", context)


@login_required
@require_safe
def booking_history(request: HttpRequest, booking_id: UUID) -> HttpResponse:
    """Who changed what in a booking, when, from what to what."""
    shown = booking_of(request, booking_id)
    context = {"booking": shown, "instrument": shown.instrument, "changes": services.history_of_booking(shown)}
    return render(request, "bookings/history.html", context)


@login_required
@require_safe
def instrument_history(request: HttpRequest, slug: str) -> HttpResponse:
    """Who changed what at an instrument: its record, rules, hours and closures."""
    instrument = instrument_run_by(request, slug)
    context = {"instrument": instrument, "changes": services.history_of_instrument(instrument)}
    return render(request, "bookings/history.html", context)


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A calendar by its secret address; 304 when nothing changed."""
    found = services.feed_at(secret)
    if found is None:
        raise Http404
    return _calendar(request, found)


@require_safe
def locked_feed(request: HttpRequest, feed_id: UUID) -> HttpResponse:
    """The same by an address that says nothing, for a program that sends the password."""
    found = services.feed_unlocked(feed_id, password_in(request))
    return _calendar(request, found) if found else asks_for_password()


def _calendar(request: HttpRequest, found: Feed) -> HttpResponse:
    bookings = list(services.bookings_in(found, now=timezone.now()))
    etag = formats.tag_of(bookings)
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    name = str(found.instrument or found.facility or found.owner.name)
    with translation.override(found.owner.language):
        content = formats.calendar_file(bookings, name=name, site=request.build_absolute_uri("/"))
    headers = {"ETag": etag, "Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)
