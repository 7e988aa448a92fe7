"""Text messages: the outbox, and the one place that knows how a gateway is called."""

from __future__ import annotations

import json
from http.client import HTTPException

from django.conf import settings
from django.utils import timezone

from common.reach import post_to
from notifications.models import Sms
from notifications.services.outgoing import AT_A_TIME, claim, note_failure, note_sent

CODE_TRIES, TRIES = 6, 12  # a code is over after ten minutes
AGENT = {"Content-Type": "application/json", "User-Agent": "jishi"}


def text_to(phone: str, *, event: str, text: str) -> Sms:
    """Put a text message into the outbox."""
    return Sms.objects.create(address=phone, event=event, text=text[:300])


def deliver_due_sms() -> int:
    """Send what is due, one at a time; returns how many left. Without SMS_URL they only show on the demo's page."""
    sent = 0
    for _ in range(AT_A_TIME):
        message = claim(Sms.objects.due(timezone.now()))
        if message is None:
            break
        sent += _send(message)
    return sent


def _send(message: Sms) -> bool:
    if not settings.SMS_URL:
        note_sent(message)
        return True
    # The id stays the same at each try: a gateway that got it twice can know.
    body = json.dumps({"id": str(message.pk), "to": message.address, "text": message.text}, ensure_ascii=False)
    try:
        # The gateway is chosen by whoever runs the portal, hence at any address.
        reply = post_to(settings.SMS_URL, body=body.encode(), headers=AGENT, vet=lambda _host, _address: True)
    except (OSError, HTTPException, ValueError) as error:
        note_failure(message, f"{type(error).__name__}: {error}", tries=TRIES if message.occasion else CODE_TRIES)
        return False
    if not reply.is_success:
        note_failure(message, f"HTTP {reply.status}", tries=TRIES if message.occasion else CODE_TRIES)
        return False
    note_sent(message)
    return True
