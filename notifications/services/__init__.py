"""Telling people, delivering what was told."""

from notifications.services.deliver import deliver_due_mail, post, send_again
from notifications.services.tell import Withdrawal, mark_read, tell, withdraw

__all__ = ["Withdrawal", "deliver_due_mail", "mark_read", "post", "send_again", "tell", "withdraw"]
