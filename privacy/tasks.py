"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task
from django.utils import timezone

from privacy import services
from privacy.states import ERASE, EXPORT
from records.services import run_due_jobs


@shared_task(name="privacy.run_jobs")
def run_jobs() -> None:
    run_due_jobs({EXPORT: services.run_export, ERASE: services.run_erasure})


@shared_task(name="privacy.begin_due_erasures")
def begin_due_erasures() -> None:
    services.begin_due(now=timezone.now())


@shared_task(name="privacy.forget_old_exports")
def forget_old_exports() -> None:
    services.forget_old_exports()
