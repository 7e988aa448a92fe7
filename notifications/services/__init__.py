"""Telling people, delivering what was told, telling programs."""

from notifications.services.announce import announce, forget_old_events
from notifications.services.deliver import deliver_due_mail, post, send_again
from notifications.services.say import messages_about, say
from notifications.services.tell import Withdrawal, mark_read, tell, withdraw

__all__ = [
    "Withdrawal",
    "announce",
    "deliver_due_mail",
    "forget_old_events",
    "mark_read",
    "messages_about",
    "post",
    "say",
    "send_again",
    "tell",
    "withdraw",
]
