"""Instruments with their terms, held against other bookings until the transaction ends, in one statement."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from bookings.services.gather import midnight, with_terms
from common.asked import Asked
from instruments.models import Instrument
from instruments.querysets import InstrumentQuerySet


def lock_with_terms(slug: str, *, by: User, now: datetime) -> Instrument:
    """The one that `by` may see, for a new booking; raises Instrument.DoesNotExist."""
    found = _LOCKED.of(day=timezone.localdate(now), user=by.pk, slug=slug)
    if not found:
        raise Instrument.DoesNotExist
    locked: Instrument = found[0]
    return locked


def _locked(user: UUID, slug: str) -> InstrumentQuerySet:
    visible = with_terms(Instrument.objects.visible_to(User(pk=user)), now=midnight())
    return visible.filter(slug=slug).select_for_update(no_key=True, of=("self",))


_LOCKED = Asked(_locked)


def lock_again(*ids: int) -> dict[int, Instrument]:
    """One or two instruments whose bookings are changed, by id, locked in this order."""
    rows = _LOCKED_AGAIN.of(day=timezone.localdate(), one=min(ids), other=max(ids))
    return {each.pk: each for each in rows}


def _locked_again(one: int, other: int) -> InstrumentQuerySet:
    rows = with_terms(Instrument.objects.filter(pk__in=[one, other]), now=midnight())
    return rows.order_by("pk").select_for_update(no_key=True, of=("self",))


_LOCKED_AGAIN = Asked(_locked_again)
