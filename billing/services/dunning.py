"""Reminding of what is overdue: 15, 30 and 60 days after the day it was due, once each."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from billing.models import Invoice
from billing.services.news import readers_of
from notifications.services import tell

STEPS = (15, 30, 60)  # days overdue


def remind_of_overdue(*, today: date) -> int:
    """Remind each payer of each overdue invoice, once a step; returns how many. Any number may do it at once."""
    count = 0
    for step in reversed(STEPS):
        late = Invoice.objects.overdue(today - timedelta(days=step - 1)).filter(reminded_days__lt=step)
        for pk in late.order_by("due_on").values_list("pk", flat=True)[:1000]:
            count += _remind(pk, step=step, today=today)
    return count


@transaction.atomic
def _remind(pk: UUID, *, step: int, today: date) -> bool:
    """Whoever comes second finds the step taken; who paid meanwhile hears nothing."""
    found = Invoice.objects.unpaid().filter(pk=pk, reminded_days__lt=step)
    if not found.select_for_update(no_key=True).values_list("pk").first():
        return False
    invoice = Invoice.objects.with_everything().get(pk=pk)
    invoice.reminded_days, invoice.reminded_at = step, timezone.now()
    invoice.save(update_fields=["reminded_days", "reminded_at"])
    late = (today - invoice.due_on).days if invoice.due_on else step
    tell("invoice_overdue", to=readers_of(invoice.wallet), about=invoice, occasion=f"{step} days", late=late)
    return True
