"""What beat starts; the schedule is in `config/celery.py`."""

from celery import shared_task

from records import services


@shared_task(name="records.forget_old_keys")
def forget_old_keys() -> None:
    services.forget_old_keys()


@shared_task(name="records.forget_old_jobs")
def forget_old_jobs() -> None:
    services.forget_old_jobs()


@shared_task(name="records.sweep_files")
def sweep_files() -> None:
    services.sweep_files()


@shared_task(name="records.forget_old_accesses")
def forget_old_accesses() -> None:
    services.forget_old_accesses()
