from __future__ import annotations

from celery import shared_task

from billing import services


@shared_task(name="billing.agree_to_old")  # type: ignore[untyped-decorator]
def agree_to_old() -> int:
    """Charges that nobody objected to within ten working days count as agreed."""
    return services.agree_to_old()


@shared_task(name="billing.reconcile")  # type: ignore[untyped-decorator]
def reconcile() -> int:
    """Look through the books; every difference stands in the log as an error."""
    return len(services.reconcile())
