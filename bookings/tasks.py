"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task
from django.utils import timezone

from bookings import services


@shared_task(name="bookings.complete_past")
def complete_past() -> None:
    services.complete_past(now=timezone.now())


@shared_task(name="bookings.expire_unanswered")
def expire_unanswered() -> None:
    services.expire_unanswered(now=timezone.now())


@shared_task(name="bookings.remind")
def remind() -> None:
    services.remind_of_coming(now=timezone.now())
