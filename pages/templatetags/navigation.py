"""What the page's frame pulls from every app."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.utils import timezone

from bookings.models import Booking
from notifications.models import Notice
from records.models import DEMO, Mark

register = template.Library()


@register.inclusion_tag("pages/navigation.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, Any]:
    """The bar on top: where one can go, what waits, what is new."""
    request = context["request"]
    user = getattr(request, "user", None)
    shown: dict[str, Any] = {"request": request, "user": user, "path": request.path}
    if user and user.is_authenticated:
        shown["runs_a_lab"] = user.facility_roles.standing(timezone.localdate()).exists()
        shown["waiting"] = Booking.objects.needing_decision_of(user).count() if shown["runs_a_lab"] else 0
        shown["keeps_records"] = shown["runs_a_lab"] or user.memberships.keeping_records().exists()
        shown["unread"] = Notice.objects.of(user).due(timezone.now()).unread().count()
    shown["demo"] = not settings.EMAIL_URL and Mark.objects.filter(name=DEMO).exists()
    return shown
