from celery import shared_task

from notifications import services


@shared_task(name="notifications.deliver_mail")
def deliver_mail() -> None:
    services.deliver_due_mail()


@shared_task(name="notifications.deliver_sms")
def deliver_sms() -> None:
    services.deliver_due_sms()


@shared_task(name="notifications.deliver_webhooks")
def deliver_webhooks() -> None:
    services.deliver_due_webhooks()


@shared_task(name="notifications.forget_old_events")
def forget_old_events() -> None:
    services.forget_old_events()


@shared_task(name="notifications.forget_old_told")
def forget_old_told() -> None:
    services.forget_old_told()
