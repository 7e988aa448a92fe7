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
from django.utils.translation import gettext as _

from notifications.models import Mail, Notice, Sms
from notifications.rules import ways_to_tell
from notifications.states import DeliveryState


class Subject(Protocol):
    """What people are told about: it has a page of its own."""

    pk: Any

    def get_absolute_url(self) -> str: ...


class Reader(Protocol):
    """Who is told: a user, as far as telling needs to know."""

    pk: Any
    email: str | None
    phone: str | None
    phone_verified: bool
    language: str
    told_by: dict[str, str]


AFTER_GREETING = re.compile(r"(?<=,\n\n)[a-z]")


@dataclass(frozen=True)
class Withdrawal:
    """How far telling could be undone, in mails and text messages: taken back, and out of reach (left or leaving)."""

    taken_back: int
    left: int
    halfway: bool = False  # somebody has one of mail and text message already, and the other was taken back

    @property
    def complete(self) -> bool:
        return not self.left

    @property
    def too_late(self) -> bool:
        """Somebody has it already. That an earlier occasion of the same event left does not count."""
        return self.halfway or bool(self.left and not self.taken_back)


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
    """Tell each reader once, on the bell and by their ways, in their language, `after` this transaction commits.

    The words are in `templates/told/<event>.txt`: first line the notice, the mail's subject and the text message, the
    rest the mail's body. By which ways, they choose (`ways_to_tell`). The link leads to the subject's own page, or to
    the page called `page`. `occasion` tells repeated events about one object apart (a booking that was moved is
    reminded of again). What is told `after` a while can be withdrawn until then, and nobody has seen it.
    """
    readers = {reader.pk: reader for reader in to}
    key = f"{about.pk} {occasion}".strip()
    due_at = timezone.now() + after
    notices, mails, texts = [], [], []
    for reader in readers.values():
        once = {"reader_id": reader.pk, "event": event, "occasion": key, "due_at": due_at}
        address, phone = reader.email or "", phone_of(reader)
        by_mail, by_text = ways_to_tell(event, reader.told_by, has_mail=bool(address), has_phone=bool(phone))
        with translation.override(reader.language):
            path = reverse(page) if page else about.get_absolute_url()
            link = settings.SITE_URL + path
            given = {"about": about, "reader": reader, "link": link, **details}
            words = _written(render_to_string(f"told/{event}.txt", given), reader.language)
            headline, _rest, body = words.strip().partition("\n")
            if by_text:
                texts.append(Sms(**once, address=phone, text=_in_a_text(headline, link)))
        notices.append(Notice(**once, text=headline[:300], path=path))
        if by_mail:
            mail = Mail(**once, address=address)
            mail.subject, mail.body = headline[:200], body.strip() + "\n"
            mails.append(mail)
    for model, rows in ((Notice, notices), (Mail, mails), (Sms, texts)):
        _insert_once(model, rows)


def phone_of(reader: Reader) -> str:
    """Where text messages reach somebody; empty without a proven phone, or where none is ever sent."""
    return (reader.phone or "") if reader.phone_verified and settings.TEXTS_ARRIVE else ""


def _in_a_text(headline: str, link: str) -> str:
    """What a text message says: less than a mail, and where the rest is."""
    frame = _("Jishi: %(what)s %(link)s")
    return frame % {"what": headline[: 300 - len(frame) - len(link)], "link": link}


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
    """Take back what was told about something: mails and text messages that have not left and are not leaving now,
    and the notices that are not due yet, or unread with nothing out there that says the same."""
    told = Q(event__in=list(events), occasion__startswith=str(about.pk))
    is_here = ~Q(state=DeliveryState.SENT) & (Q(attempts=0) | ~Q(last_error=""))
    here = [model._default_manager.filter(told, is_here) for model in (Mail, Sms)]
    back = {once for rows in here for once in rows.values_list("reader", "occasion")}
    taken_back = sum(rows.delete()[0] for rows in here)
    same = {"reader": OuterRef("reader"), "event": OuterRef("event"), "occasion": OuterRef("occasion")}
    nothing_out = ~Exists(Mail.objects.filter(**same)) & ~Exists(Sms.objects.filter(**same))
    Notice.objects.filter(told, Q(due_at__gt=timezone.now()) | Q(nothing_out, read_at=None)).delete()
    out = [*Mail.objects.filter(told).values_list("reader", "occasion")]
    out += Sms.objects.filter(told).values_list("reader", "occasion")
    return Withdrawal(taken_back, left=len(out), halfway=not back.isdisjoint(out))


@transaction.atomic
def mark_read(reader: object) -> None:
    """The reader has seen what is behind the bell."""
    now = timezone.now()
    Notice.objects.of(reader).due(now).unread().update(read_at=now)
