"""What the page's frame pulls from every app."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Verification
from accounts.states import OrganisationKind, Role
from bookings.models import Booking
from notifications.models import Notice
from orders.models import Enquiry, Order
from records.models import DEMO, Mark

register = template.Library()


class Entry(NamedTuple):
    """One place to go: its address, icon and word, whether one is there or below, and how much waits."""

    url: str
    icon: str
    word: str
    current: bool
    count: int = 0


@register.inclusion_tag("pages/navigation.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, Any]:
    """The bar on top: where one can go, what waits, what is new."""
    request = context["request"]
    user = getattr(request, "user", None)

    def entry(name: str, icon: str, word: str, count: int = 0) -> Entry:
        url = reverse(name)
        return Entry(url, icon, word, request.path.startswith(url), count)

    entries = [
        entry("catalogue", "cpu", _("Instruments and tests")),
        entry("find", "calendar-check", _("Find a free time")),
    ]
    courses = entry("programmes", "mortarboard", _("Courses and camps"))
    shown: dict[str, Any] = {"request": request, "user": user, "entries": entries, "personal": []}
    if user and user.is_authenticated:
        entries.append(entry("my_bookings", "calendar-week", _("My bookings")))
        my_orders = entry("my_orders", "box-seam", _("My orders"))
        if runs_a_lab := user.facility_roles.standing(timezone.localdate()).exists():
            entries.append(entry("inbox", "inbox", _("Inbox"), Booking.objects.needing_decision_of(user).count()))
            entries.append(entry("lab_orders", "eyedropper", _("Orders"), orders_waiting_at(user)))
            entries.append(entry("laboratories", "building", _("My laboratories")))
        offices = of_offices(user, entry, runs_a_lab=runs_a_lab)
        entries += offices if runs_a_lab else [my_orders, *(offices or [courses])]
        shown["personal"] = [
            *(each for each in (courses, my_orders) if each not in entries),
            entry("account", "person", _("Account")),
            entry("wallets", "wallet2", _("Wallets")),
            entry("my_invoices", "file-earmark-text", _("My invoices")),
            entry("my_trainings", "mortarboard", _("My trainings")),
            entry("feeds", "calendar-plus", _("Calendars")),
            entry("help", "question-circle", _("Help")),
        ]
        shown["unread"] = Notice.objects.of(user).due(timezone.now()).unread().count()
    else:
        entries.append(courses)
    if not settings.EMAIL_URL and Mark.objects.filter(name=DEMO).exists():
        (shown["personal"] or entries).append(entry("demo_mail", "envelope", _("Demo mail")))
    return shown


def of_offices(user: Any, entry: Callable[..., Entry], *, runs_a_lab: bool) -> list[Entry]:
    """Where those go who keep books or records, or work for the city."""
    held = set(user.memberships.confirmed().values_list("role", "organisation__kind"))
    found, roles = [], {role for role, _kind in held}
    if Role.FINANCE in roles:
        found.append(entry("finance_home", "graph-up", _("Finance")))
    keeps_records = runs_a_lab or Role.OFFICER in roles
    if keeps_records or (Role.ADMIN in roles and user.memberships.keeping_records().exists()):
        found.append(entry("registry", "journal-text", _("Records")))
    if (Role.OFFICER, OrganisationKind.GOVERNMENT) in held:
        waiting = Verification.objects.visible_to(user).pending().count()
        found.append(entry("firm_queue", "shield-check", _("Firms"), waiting))
    return found


def orders_waiting_at(user: Any) -> int:
    """How many requests and orders need a word of the laboratories that somebody runs; one statement."""
    asked = Enquiry.objects.run_by(user).needing_answer().order_by().values("pk")
    return int(asked.union(Order.objects.run_by(user).needing_lab().order_by().values("pk"), all=True).count())
