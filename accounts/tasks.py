from celery import shared_task
from django.utils import timezone

from accounts import services


@shared_task(name="accounts.forget_old_failures")
def forget_old_failures() -> None:
    services.forget_old_failures()


@shared_task(name="accounts.expire_verifications")
def expire_verifications() -> None:
    services.expire_verifications(on=timezone.localdate())


@shared_task(name="accounts.end_memberships")
def end_memberships() -> None:
    services.end_what_is_over(on=timezone.localdate())


@shared_task(name="accounts.forget_old_rosters")
def forget_old_rosters() -> None:
    services.forget_old_rosters()


@shared_task(name="accounts.forget_who_never_came")
def forget_who_never_came() -> None:
    services.forget_who_never_came()


@shared_task(name="accounts.forget_old_codes")
def forget_old_codes() -> None:
    services.forget_old_codes()


@shared_task(name="accounts.forget_old_sessions")
def forget_old_sessions() -> None:
    services.forget_old_sessions()
