"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task
from django.utils import timezone

from bookings import services
from records.services import run_due_jobs


@shared_task(name="bookings.complete_past")
def complete_past() -> None:
    services.complete_past(now=timezone.now())


@shared_task(name="bookings.expire_lapsed")
def expire_lapsed() -> None:
    services.expire_lapsed(now=timezone.now())


@shared_task(name="bookings.expire_changes")
def expire_changes() -> None:
    services.expire_changes(now=timezone.now())


@shared_task(name="bookings.pass_on")
def pass_on() -> None:
    services.pass_on(now=timezone.now())


@shared_task(name="bookings.release_no_shows")
def release_no_shows() -> None:
    services.release_no_shows(now=timezone.now())


@shared_task(name="bookings.watch_overruns")
def watch_overruns() -> None:
    services.watch_overruns(now=timezone.now())


@shared_task(name="bookings.remind")
def remind() -> None:
    services.remind_of_coming(now=timezone.now())
    services.remind_of_lapsing(now=timezone.now())


@shared_task(name="bookings.run_jobs")
def run_jobs() -> None:
    run_due_jobs({services.IMPORT_USE: services.run_import})
