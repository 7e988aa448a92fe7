"""Home, where one lands after signing in, and the demo city's mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Organisation, User
from accounts.states import Role
from bookings import services as bookings
from bookings.models import Booking
from common.text import tidy
from instruments.models import BoardNotice, Instrument, TestItem
from instruments.querysets import InstrumentQuerySet
from notifications.models import Mail, Sms
from orders.states import KEPT_REQUEST
from outreach.models import Child, MentorAssignment
from records.models import DEMO, Mark

SHOWN_AT_HOME, SHOWN_NOTICES = 6, 3
DESKS = {Role.FINANCE: "finance_home", Role.COORDINATOR: "youth_desk"}


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The two doors, and what is free the soonest: the same for everybody, kept for a minute by the template."""
    visible = Instrument.objects.visible_to(AnonymousUser())
    context = {
        "soonest": lambda: _soonest(visible),
        "notices": BoardNotice.objects.of(None).shown(timezone.now()).filter(is_pinned=True)[:SHOWN_NOTICES],
        "day": timezone.localdate() + timedelta(days=1),
        "lengths": bookings.LENGTHS_TO_FIND,
        "often": _("SEM XRD NMR confocal").split(),
        "instrument_count": visible.count(),
        "item_count": TestItem.objects.visible_to(AnonymousUser()).count(),
        "organisation_count": Organisation.objects.filter(facilities__isnull=False).distinct().count(),
    }
    return render(request, "pages/home.html", context)


def _soonest(visible: InstrumentQuerySet) -> dict[str, object]:
    """How many are free now, and the first to be free of each kind."""
    free = bookings.first_free(visible, now=timezone.now())
    of_each_kind = {each.instrument.category_id or each.instrument.pk: each for each in reversed(free)}
    first = sorted(of_each_kind.values(), key=lambda each: each.interval.start)[:SHOWN_AT_HOME]
    shown = visible.for_rows().in_bulk([each.instrument.pk for each in first])
    rows = [(shown[each.instrument.pk], each) for each in first if each.instrument.pk in shown]
    return {"now": sum(each.is_now for each in free), "rows": rows}


@login_required
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Where one lands after signing in: what was begun, what waits for one, one's laboratory, one's bookings, home."""
    if KEPT_REQUEST in request.session:
        return redirect("new_request")
    return redirect(*next(_places_of(request.user)))


def _places_of(user: User) -> Iterator[tuple[str, ...]]:
    """The pages that a person might want first, the most wanted before the others; each as `redirect` takes it."""
    if Booking.objects.needing_decision_of(user).exists():
        yield ("inbox",)
    run = user.facility_roles.standing(timezone.localdate()).values_list("facility__slug", flat=True).distinct()[:2]
    if run:
        yield ("day_board", run[0]) if len(run) == 1 else ("laboratories",)
    offices = set(user.memberships.confirmed().values_list("role", flat=True))
    yield from ((place,) for role, place in DESKS.items() if role in offices)
    if MentorAssignment.objects.of(user).filter(ends_at__gt=timezone.now()).exists():
        yield ("mentor_days",)
    if Booking.objects.of(user).exists():
        yield ("my_bookings",)
    if Child.objects.of(user).exists():
        yield ("youth_mine",)
    if user.memberships.keeping_records().exists():
        yield ("registry",)
    yield ("home",)


@require_safe
def demo_mail(request: HttpRequest, mail_id: UUID | None = None) -> HttpResponse:
    """The mails of the demo city, as the worker sent them: only where mail goes nowhere else."""
    if settings.EMAIL_URL or not Mark.objects.filter(name=DEMO).exists():
        raise Http404
    address = tidy(request.GET.get("to", ""))
    mails, texts = Mail.objects.order_by("-created_at"), Sms.objects.order_by("-created_at")
    chosen = get_object_or_404(mails, pk=mail_id) if mail_id else None
    if address:
        mails, texts = mails.filter(address=address), texts.filter(address=address)
    context = {"mails": mails[:100], "texts": texts[:20], "chosen": chosen, "address": address}
    return render(request, "pages/demo_mail.html", context)
