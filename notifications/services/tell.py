from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from notifications.models import Mail, Notice
from notifications.states import DeliveryState


class Subject(Protocol):
    """What people are told about: it has a page of its own."""

    pk: Any

    def get_absolute_url(self) -> str: ...


class Reader(Protocol):
    """Who is told: a user, as far as telling needs to know."""

    pk: Any
    email: str | None
    language: str


AFTER_GREETING = re.compile(r"(?<=,\n\n)[a-z]")


@dataclass(frozen=True)
class Withdrawal:
    """How far telling could be undone, in mails: taken back, and out of reach (they have left or are leaving)."""

    taken_back: int
    left: int

    @property
    def complete(self) -> bool:
        return not self.left


@transaction.atomic(savepoint=False)
def tell(
    event: str,
    *,
    to: Iterable[Reader],
    about: Subject,
    occasion: str = "",
    page: str = "",
    after: timedelta = timedelta(0),
    **details: object,
) -> None:
    """Tell each reader once, on the bell and by mail, in their language, `after` this transaction commits.

    The words are in `templates/told/<event>.txt`: first line the notice and the mail's subject, the rest the body.
    The link leads to the subject's own page, or to the page called `page`. `occasion` tells repeated events about
    one object apart (a booking that was moved is reminded of again). What is told `after` a while can be withdrawn
    until then, and nobody has seen it.
    """
    readers = {reader.pk: reader for reader in to}
    key = f"{about.pk} {occasion}".strip()
    due_at = timezone.now() + after
    notices, mails = [], []
    for reader in readers.values():
        with translation.override(reader.language):
            path = reverse(page) if page else about.get_absolute_url()
            given = {"about": about, "reader": reader, "link": settings.SITE_URL + path, **details}
            words = _written(render_to_string(f"told/{event}.txt", given), reader.language)
        headline, _, body = words.strip().partition("\n")
        once = {"reader_id": reader.pk, "event": event, "occasion": key, "due_at": due_at}
        notices.append(Notice(**once, text=headline[:300], path=path))
        if reader.email:
            mail = Mail(**once, address=reader.email)
            mail.subject, mail.body = headline[:200], body.strip() + "\n"
            mails.append(mail)
    _insert_once(Notice, notices)
    _insert_once(Mail, mails)


def _written(words: str, language: str) -> str:
    """English goes on with a capital after “Hello …,”."""
    if not language.startswith("en"):
        return words
    return AFTER_GREETING.sub(lambda found: found.group().upper(), words, count=1)


def _insert_once(model: type[models.Model], rows: list[Any]) -> None:
    if rows:
        model._default_manager.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic(savepoint=False)
def withdraw(about: Subject, *, events: Iterable[str]) -> Withdrawal:
    """Take back what was told about something: mails that have not left and are not leaving now, and the notices
    that are not due yet, or unread with no mail out there that says the same."""
    told = Q(event__in=list(events), occasion__startswith=str(about.pk))
    is_here = ~Q(state=DeliveryState.SENT) & (Q(attempts=0) | ~Q(last_error=""))
    taken_back, _models = Mail.objects.filter(told, is_here).delete()
    mail = Mail.objects.filter(reader=OuterRef("reader"), event=OuterRef("event"), occasion=OuterRef("occasion"))
    unseen = Q(due_at__gt=timezone.now()) | Q(~Exists(mail), read_at=None)
    Notice.objects.filter(told, unseen).delete()
    return Withdrawal(taken_back, left=Mail.objects.filter(told).count())


@transaction.atomic
def mark_read(reader: object) -> None:
    """The reader has seen what is behind the bell."""
    now = timezone.now()
    Notice.objects.of(reader).due(now).unread().update(read_at=now)
