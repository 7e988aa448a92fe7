from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from common.errors import WrongInput
from notifications.models import LONGEST_MESSAGE, Message, Thread
from notifications.services.tell import Reader, Subject, tell


@transaction.atomic
def say(about: Subject, *, by: Reader, text: str, to: Iterable[Reader]) -> Message:
    """Write to the other parties of something; each of them is told, with the text.

    Raises WrongInput for a text that is empty or longer than 4000 characters.
    """
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise WrongInput("text", "required", _("Write something."))
    if len(text) > LONGEST_MESSAGE:
        raise WrongInput("text", "max_length", _("Write at most 4000 characters."))
    thread, _new = Thread.objects.get_or_create(subject_id=str(about.pk), defaults={"path": about.get_absolute_url()})
    message = Message.objects.create(thread=thread, author_id=by.pk, text=text)
    others = [each for each in to if each.pk != by.pk]
    tell("thread_message", to=others, about=about, occasion=str(message.pk), by=by, text=text)
    return message


def messages_about(about: Subject) -> QuerySet[Message]:
    """What was written about something, with its authors, the oldest first."""
    return (
        Message.objects.filter(thread__subject_id=str(about.pk)).select_related("author").order_by("created_at", "id")
    )
