"""The life of a mail.

waiting ──sent──▶ sent
   │ ▲
   │ └── asked again by staff
   └──tried too often──▶ dead
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class MailState(TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    DEAD = "dead", _("given up")
