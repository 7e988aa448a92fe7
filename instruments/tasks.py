"""What the registry does by itself: beat calls these, and each calls one service."""

from celery import shared_task
from django.utils import timezone

from instruments import services
from records.services import run_due_jobs


@shared_task(name="instruments.run_jobs")
def run_jobs() -> None:
    run_due_jobs(
        {
            services.IMPORT_TABLE: services.run_table,
            services.IMPORT_PREVIEW: services.run_preview,
            services.IMPORT_APPLY: services.run_apply,
        }
    )
    services.give_up_failed()


@shared_task(name="instruments.read_busy_feeds")
def read_busy_feeds() -> None:
    services.read_due_feeds()


@shared_task(name="instruments.index_renamed")
def index_renamed() -> None:
    services.index_renamed()


@shared_task(name="instruments.remind_of_rounds")
def remind_of_rounds() -> None:
    services.remind_of_rounds(now=timezone.now())


@shared_task(name="instruments.forget_old_imports")
def forget_old_imports() -> None:
    services.forget_old_imports(now=timezone.now())
