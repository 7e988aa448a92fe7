from __future__ import annotations

from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from notifications.models import Mail, Sms
from notifications.services.outgoing import AT_A_TIME, claim, note_failure, note_sent, start_anew
from notifications.states import DeliveryState

TRIES = 12


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


def _claim_one() -> Mail | None:
    return claim(Mail.objects.due(timezone.now()))


def _send(mail: Mail) -> bool:
    # The id stays the same at each try: a mail server that got it twice can know.
    message = EmailMessage(mail.subject, mail.body, to=[mail.address], headers={"Message-ID": f"<{mail.pk}@jishi>"})
    try:
        message.send()
    except Exception as error:  # whatever the mail server or the network does, the row must say so
        note_failure(mail, f"{type(error).__name__}: {error}", tries=TRIES)
        return False
    note_sent(mail)
    return True


@transaction.atomic
def send_again(row: Mail | Sms) -> None:
    """Give a mail or a text message that was given up a fresh start; a code is left: it is over by now."""
    found = type(row)._default_manager.select_for_update().filter(pk=row.pk, state=DeliveryState.DEAD)
    for each in found if isinstance(row, Mail) else found.exclude(occasion=""):
        start_anew(each)
