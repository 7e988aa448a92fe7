"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task
from django.utils import timezone

from outreach import services


@shared_task(name="outreach.lapse_due")
def lapse_due() -> None:
    services.lapse_due(now=timezone.now())


@shared_task(name="outreach.watch_sessions")
def watch_sessions() -> None:
    services.watch_sessions(now=timezone.now())


@shared_task(name="outreach.complete_past")
def complete_past() -> None:
    services.complete_past(now=timezone.now())


@shared_task(name="outreach.erase_due")
def erase_due() -> None:
    services.erase_due(today=timezone.localdate())
    services.sweep_keys()
