from __future__ import annotations

from datetime import timedelta

import structlog
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from notifications.models import Mail
from notifications.states import MailState

log = structlog.get_logger()

TRIES = 12
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=12)
# How long one worker has a mail to itself: longer than any talk with a mail server lasts.
LEASE = timedelta(minutes=5)
AT_A_TIME = 200


def wait_after(attempts: int) -> timedelta:
    """How long until the next try: 30 s, 1 min, 2 min, … 12 h; twelve tries last about 17 hours."""
    return min(FIRST_WAIT * (1 << max(attempts - 1, 0)), LONGEST_WAIT)


def post(*, address: str, event: str, subject: str, body: str) -> Mail:
    """Put a mail into the outbox that belongs to no occasion (a sign-up's confirmation, a new password)."""
    return Mail.objects.create(address=address, event=event, subject=subject[:200], body=body)


def deliver_due_mail() -> int:
    """Send what is due, one at a time; returns how many left. Any number of workers may do it together."""
    sent = 0
    for _ in range(AT_A_TIME):
        mail = _claim_one()
        if mail is None:
            break
        sent += _send(mail)
    return sent


@transaction.atomic
def _claim_one() -> Mail | None:
    """Take the next mail and put its next try into the future, so that a worker killed while sending loses nothing.

    Nobody else takes it while it is being sent; a failure puts the next try nearer.
    """
    now = timezone.now()
    mail = Mail.objects.due(now).select_for_update(skip_locked=True).first()
    if mail:
        mail.attempts += 1
        mail.due_at, mail.last_error = now + LEASE, ""
        mail.save(update_fields=["attempts", "due_at", "last_error"])
    return mail


def _send(mail: Mail) -> bool:
    # The id stays the same at each try: a mail server that got it twice can know.
    message = EmailMessage(mail.subject, mail.body, to=[mail.address], headers={"Message-ID": f"<{mail.pk}@jishi>"})
    try:
        message.send()
    except Exception as error:  # whatever the mail server or the network does, the row must say so
        _note_failure(mail, error)
        return False
    mail.state, mail.sent_at, mail.last_error = MailState.SENT, timezone.now(), ""
    mail.save(update_fields=["state", "sent_at", "last_error"])
    return True


def _note_failure(mail: Mail, error: Exception) -> None:
    mail.due_at = timezone.now() + wait_after(mail.attempts)
    mail.last_error = f"{type(error).__name__}: {error}"[:300]
    if mail.attempts >= TRIES:
        mail.state = MailState.DEAD
    mail.save(update_fields=["state", "last_error", "due_at"])
    log.warning("mail_failed", mail=str(mail.pk), attempts=mail.attempts, error=type(error).__name__)


@transaction.atomic
def send_again(mail: Mail) -> Mail:
    """Give a mail that was given up a fresh start."""
    mail = Mail.objects.select_for_update().get(pk=mail.pk)
    if mail.state == MailState.DEAD:
        mail.state, mail.attempts, mail.due_at = MailState.WAITING, 0, timezone.now()
        mail.save(update_fields=["state", "attempts", "due_at"])
    return mail
