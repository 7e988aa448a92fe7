"""What beat starts; the schedule is in `config/celery.py`."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from billing import services
from records.services import run_due_jobs


@shared_task(name="billing.agree_to_old")  # type: ignore[untyped-decorator]
def agree_to_old() -> int:
    """Charges that nobody objected to within ten working days count as agreed."""
    return services.agree_to_old()


@shared_task(name="billing.run_jobs")  # type: ignore[untyped-decorator]
def run_jobs() -> int:
    return run_due_jobs({services.DRAFT_RUN: services.run_drafting, services.ISSUE_RUN: services.run_issuing})


@shared_task(name="billing.start_due_runs")  # type: ignore[untyped-decorator]
def start_due_runs() -> int:
    """Runs of the month before, in its first days only: so a worker that was away on the first still makes them."""
    today = timezone.localdate()
    return services.start_due_runs(today=today) if today.day <= 5 else 0


@shared_task(name="billing.remind_of_overdue")  # type: ignore[untyped-decorator]
def remind_of_overdue() -> int:
    return services.remind_of_overdue(today=timezone.localdate())


@shared_task(name="billing.reconcile")  # type: ignore[untyped-decorator]
def reconcile() -> int:
    """Look through the books; every difference stands in the log as an error."""
    return len(services.reconcile())
