"""Celery, and the whole schedule: every task that beat starts is on this page."""

import os
from typing import Any

import structlog
from celery import Celery, Task
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.conf import settings

from common.clock import seconds_off
from common.ids import new_id

log = structlog.get_logger()

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def every(seconds: float, task: str) -> dict[str, object]:
    """A beat entry that is dropped when a later one of its kind is already due."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds * 0.9}}


class AtTheRightTime(Task):  # type: ignore[misc]
    """A task that does nothing while this machine's clock is wrong: it would remind, expire and complete too soon.

    What is due is a row, and is found by the next tick that knows the time.
    """

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if off := seconds_off():
            log.error("task_put_off", task_name=self.name, clock_off_seconds=off)
            return None
        return super().__call__(*args, **kwargs)


app = Celery("jishi", task_cls=AtTheRightTime)
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 300},
    timezone=settings.TIME_ZONE,
    enable_utc=True,
    task_ignore_result=True,
    task_acks_late=True,
    task_default_queue=settings.QUEUE,
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    beat_schedule={
        "deliver mail": every(2, "notifications.deliver_mail"),
        "deliver text messages": every(2, "notifications.deliver_sms"),
        "deliver webhooks": every(2, "notifications.deliver_webhooks"),
        "remind of bookings": every(60, "bookings.remind"),
        "complete past bookings": every(60, "bookings.complete_past"),
        "expire drafts, requests and questions": every(15, "bookings.expire_lapsed"),
        "expire changes": every(60, "bookings.expire_changes"),
        "pass on what people left behind": every(300, "bookings.pass_on"),
        "release no-shows": every(60, "bookings.release_no_shows"),
        "watch overruns": every(60, "bookings.watch_overruns"),
        "expire verifications of firms": every(600, "accounts.expire_verifications"),
        "end memberships": every(300, "accounts.end_memberships"),
        "forget who never came": every(3600, "accounts.forget_who_never_came"),
        "forget old rosters": every(3600, "accounts.forget_old_rosters"),
        "lapse offers": every(60, "orders.lapse_offers"),
        "confirm released results": every(600, "orders.confirm_by_itself"),
        "agree to old charges": every(3600, "billing.agree_to_old"),
        "reconcile the books": every(86_400, "billing.reconcile"),
        "forget old events": every(3600, "notifications.forget_old_events"),
        "begin invoice runs": every(3600, "billing.start_due_runs"),
        "remind of overdue invoices": every(3600, "billing.remind_of_overdue"),
        "run jobs of billing": every(2, "billing.run_jobs"),
        "run jobs of bookings": every(2, "bookings.run_jobs"),
        "run jobs of instruments": every(2, "instruments.run_jobs"),
        "read when owners are busy": every(60, "instruments.read_busy_feeds"),
        "let unanswered places lapse": every(15, "outreach.lapse_due"),
        "watch sessions": every(30, "outreach.watch_sessions"),
        "complete past sessions": every(60, "outreach.complete_past"),
        "erase what is due": every(3600, "outreach.erase_due"),
        "index what was renamed": every(60, "instruments.index_renamed"),
        "remind of rounds": every(600, "instruments.remind_of_rounds"),
        "forget old imports": every(3600, "instruments.forget_old_imports"),
        "forget old jobs": every(3600, "records.forget_old_jobs"),
        "sweep files without rows": every(3600, "records.sweep_files"),
        "forget old failures to sign in": every(600, "accounts.forget_old_failures"),
        "forget old codes": every(3600, "accounts.forget_old_codes"),
        "forget sessions that are over": every(3600, "accounts.forget_old_sessions"),
        "forget what was told long ago": every(3600, "notifications.forget_old_told"),
        "forget old accesses": every(86_400, "records.forget_old_accesses"),
        "run jobs of privacy": every(2, "privacy.run_jobs"),
        "begin erasures that are due": every(3600, "privacy.begin_due_erasures"),
        "forget old exports": every(3600, "privacy.forget_old_exports"),
        "forget old idempotency keys": every(3600, "records.forget_old_keys"),
    },
)
app.autodiscover_tasks()


@before_task_publish.connect
def send_id(headers: dict[str, Any] | None = None, **_more: Any) -> None:
    """A task carries the id of the request that asked for it; one that beat asks for gets an id of its own."""
    if headers is not None:
        headers.setdefault("request_id", structlog.contextvars.get_contextvars().get("request_id") or new_id().hex)


@task_prerun.connect
def take_id(task: Any = None, **_more: Any) -> None:
    """Each line of the log that a task writes says which task it is, and whose."""
    structlog.contextvars.clear_contextvars()
    request_id = getattr(task.request, "request_id", None) or new_id().hex
    structlog.contextvars.bind_contextvars(request_id=request_id, task=task.name)


@task_postrun.connect
def forget_id(**_more: Any) -> None:
    """The next task in this thread is another one."""
    structlog.contextvars.clear_contextvars()
