"""Keeping instruments at hand."""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from instruments.models import Favourite, Instrument


@transaction.atomic
def favour(instrument: Instrument, *, by: User) -> None:
    """Keep the instrument at hand; once is enough."""
    Favourite.objects.bulk_create([Favourite(user=by, instrument=instrument)], ignore_conflicts=True)


@transaction.atomic
def unfavour(instrument: Instrument, *, by: User) -> None:
    """Keep it at hand no longer."""
    Favourite.objects.filter(user=by, instrument=instrument).delete()
