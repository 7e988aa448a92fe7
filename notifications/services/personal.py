"""What this room keeps of a person, and how what was told about their things is taken away."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models, transaction
from django.db.models import F, Value
from django.db.models.functions import StrIndex, Substr
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.personal import BLANKED, GONE, REDACTED, Kept
from notifications.models import Mail, Message, Notice, Sms, Thread, WebhookEndpoint
from notifications.states import DeliveryState
from records.rules import kept_for

TOLD: list[type[models.Model]] = [Notice, Mail, Sms]
PERSONAL = [
    Kept(Notice, ("reader",), _("notices"), at_erasure=GONE),
    Kept(Mail, ("reader",), _("mails"), at_erasure=GONE),
    Kept(Sms, ("reader",), _("text messages"), at_erasure=GONE),
    Kept(
        Message, ("author",), _("messages"), at_erasure=BLANKED, blank={"text": REDACTED},
        because=_("That something was written, and when, belongs to the others too."),
    ),
    Kept(WebhookEndpoint, ("owner",), _("webhooks"), leave_out=("secret", "previous_secret"), at_erasure=GONE),
]  # fmt: skip


@transaction.atomic
def forget_told(subjects: Iterable[object]) -> int:
    """Delete what anybody was told about these things, on the bell, by mail and by text message; returns how many rows.

    Notices carry names and initials in their words: when somebody is erased, what others were told of their things
    goes too. The things themselves stay as they are.
    """
    keys = [str(each) for each in subjects]
    subject = Substr("occasion", 1, StrIndex(F("occasion"), Value(" ")) - 1)
    told = [model._default_manager.filter(occasion__contains=" ").annotate(thing=subject) for model in TOLD]
    gone: int = sum(rows.filter(thing__in=keys).delete()[0] for rows in told)
    return gone + sum(model._default_manager.filter(occasion__in=keys).delete()[0] for model in TOLD)


@transaction.atomic
def forget_written(subjects: Iterable[object]) -> int:
    """Overwrite the messages about these things, whoever wrote them: they may name somebody."""
    threads = Thread.objects.filter(subject_id__in=[str(each) for each in subjects])
    return Message.objects.filter(thread__in=threads).update(text=REDACTED)


@transaction.atomic
def forget_addresses(*, mail: str | None, phone: str | None) -> None:
    """Delete what was sent to somebody's addresses outside of any occasion (confirmations, codes)."""
    if mail:
        Mail.objects.filter(address__iexact=mail).delete()
    if phone:
        Sms.objects.filter(address=phone).delete()


def forget_old_told() -> int:
    """Delete notices, mails and text messages whose time is over; returns how many. What waits is not touched."""
    now = timezone.now()
    count = Notice.objects.filter(due_at__lt=now - kept_for("notices")).delete()[0]
    for model, clock in ((Mail, "mails"), (Sms, "text_messages")):
        old = model._default_manager.filter(created_at__lt=now - kept_for(clock))
        count += old.exclude(state=DeliveryState.WAITING).delete()[0]
    return count
