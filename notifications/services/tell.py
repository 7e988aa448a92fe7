from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from notifications.models import Mail, Notice


class Subject(Protocol):
    """What people are told about: it has a page of its own."""

    pk: Any

    def get_absolute_url(self) -> str: ...


class Reader(Protocol):
    """Who is told: a user, as far as telling needs to know."""

    pk: Any
    email: str | None
    language: str


@transaction.atomic
def tell(
    event: str, *, to: Iterable[Reader], about: Subject, occasion: str = "", page: str = "", **details: object
) -> None:
    """Tell each reader once, on the bell and by mail, in their language; sent after this transaction commits.

    The words are in `templates/told/<event>.txt`: first line the notice and the mail's subject, the rest the body.
    The link leads to the subject's own page, or to the page called `page`. `occasion` tells repeated events about
    one object apart (a booking that was moved is reminded of again).
    """
    readers = {reader.pk: reader for reader in to}
    key = f"{about.pk} {occasion}".strip()
    notices, mails = [], []
    for reader in readers.values():
        with translation.override(reader.language):
            path = reverse(page) if page else about.get_absolute_url()
            given = {"about": about, "reader": reader, "link": settings.SITE_URL + path, **details}
            words = render_to_string(f"told/{event}.txt", given)
        headline, _, body = words.strip().partition("\n")
        notices.append(Notice(reader_id=reader.pk, event=event, occasion=key, text=headline[:300], path=path))
        if reader.email:
            mail = Mail(reader_id=reader.pk, address=reader.email, event=event, occasion=key)
            mail.subject, mail.body = headline[:200], body.strip() + "\n"
            mails.append(mail)
    _insert_once(Notice, notices)
    _insert_once(Mail, mails)


def _insert_once(model: type[models.Model], rows: list[Any]) -> None:
    if rows:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def withdraw(about: Subject, *, events: Iterable[str]) -> int:
    """Take back the mails about something that have not left and are not leaving now; returns how many."""
    waiting = Mail.objects.waiting().filter(event__in=list(events), occasion__startswith=str(about.pk))
    return waiting.filter(Q(attempts=0) | ~Q(last_error="")).delete()[0]


@transaction.atomic
def mark_read(reader: object) -> None:
    """The reader has seen what is behind the bell."""
    Notice.objects.of(reader).unread().update(read_at=timezone.now())
