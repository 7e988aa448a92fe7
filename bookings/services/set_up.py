"""Policy, hours and training of instruments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.models import User
from bookings.availability import WeeklyHours
from bookings.models import OpeningHours, Policy, Training
from instruments.models import Facility, Instrument


@transaction.atomic
def set_policy(of: Facility | Instrument, **terms: Any) -> Policy:
    """Say how time may be booked there; `terms` are fields of `Policy`. Raises ValidationError when out of range."""
    owner = {"instrument" if isinstance(of, Instrument) else "facility": of}
    policy = Policy.objects.filter(**owner).first() or Policy(**owner)
    for name, value in terms.items():
        setattr(policy, name, value)
    policy.full_clean()
    policy.save()
    return policy


@transaction.atomic
def set_hours(of: Facility | Instrument, hours: Iterable[WeeklyHours]) -> None:
    """Replace the weekly opening hours."""
    owner = {"instrument" if isinstance(of, Instrument) else "facility": of}
    OpeningHours.objects.filter(**owner).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(**owner, weekday=each.weekday, opens_minute=each.opens, closes_minute=each.closes)
        for each in hours
    )


@transaction.atomic
def grant_training(user: User, *, on: Instrument, by: User) -> Training:
    """Write down that `user` was trained on an instrument."""
    return Training.objects.get_or_create(user=user, instrument=on, defaults={"granted_by": by})[0]
