"""Telling people, delivering what was told."""

from notifications.services.deliver import deliver_due_mail, post, send_again
from notifications.services.tell import mark_read, tell, withdraw

__all__ = ["deliver_due_mail", "mark_read", "post", "send_again", "tell", "withdraw"]
