"""How old a record's confirmation is."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def months_since(moment: datetime) -> int:
    """Whole months of the calendar that have gone by."""
    then, now = timezone.localdate(moment), timezone.localdate()
    months = (now.year - then.year) * 12 + now.month - then.month
    return months - (now.day < then.day)


@register.filter
def iso_day(moment: datetime) -> str:
    """2026-11-24, in the portal's zone."""
    return timezone.localdate(moment).isoformat()
