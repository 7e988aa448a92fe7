"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task
from django.utils import timezone

from orders import services


@shared_task(name="orders.lapse_offers")
def lapse_offers() -> None:
    services.lapse_offers(now=timezone.now())


@shared_task(name="orders.confirm_by_itself")
def confirm_by_itself() -> None:
    services.confirm_by_itself(on=timezone.localdate())
