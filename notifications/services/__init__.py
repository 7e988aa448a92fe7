"""Telling people, delivering what was told, telling programs."""

from notifications.services.announce import announce, forget_old_events
from notifications.services.deliver import deliver_due_mail, post, send_again
from notifications.services.endpoints import (
    add_webhook,
    change_webhook,
    ping,
    remove_webhook,
    replay,
    replay_between,
    rotate_secret,
)
from notifications.services.personal import forget_addresses, forget_old_told, forget_told, forget_written
from notifications.services.say import messages_about, say
from notifications.services.sms import deliver_due_sms, text_to
from notifications.services.tell import Withdrawal, mark_read, phone_of, tell, withdraw
from notifications.services.webhooks import body_of, deliver_due_webhooks

__all__ = [
    "Withdrawal",
    "add_webhook",
    "announce",
    "body_of",
    "change_webhook",
    "deliver_due_mail",
    "deliver_due_sms",
    "deliver_due_webhooks",
    "forget_addresses",
    "forget_old_events",
    "forget_old_told",
    "forget_told",
    "forget_written",
    "mark_read",
    "messages_about",
    "phone_of",
    "ping",
    "post",
    "remove_webhook",
    "replay",
    "replay_between",
    "rotate_secret",
    "say",
    "send_again",
    "tell",
    "text_to",
    "withdraw",
]
