"""The instruments that somebody keeps at hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from instruments.models.instrument import Instrument


class Favourite(models.Model):
    """One person's mark on one instrument; nobody else sees it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="favourites")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("favourite")
        constraints = [models.UniqueConstraint(fields=["user", "instrument"], name="favourite_once")]

    def __str__(self) -> str:
        return str(self.instrument)
