from celery import shared_task

from accounts import services


@shared_task(name="accounts.forget_old_failures")
def forget_old_failures() -> None:
    services.forget_old_failures()
