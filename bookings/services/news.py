"""Who hears of what happens to a booking: people by bell and mail, programs by events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from bookings.models import Booking
from instruments.models import FacilityRole
from notifications.services import announce, tell


def deciders_of(booking: Booking) -> list[User]:
    """The lab admins who decide about it today; no statement where the instrument came from `with_terms`."""
    if (rows := getattr(booking.instrument, "deciders", None)) is not None:
        return [User(**{**row, "id": UUID(row["id"])}) for row in rows]
    return FacilityRole.objects.deciders(booking.instrument.facility, timezone.localdate())


def others_than(by: User | None, people: Iterable[User]) -> list[User]:
    """Everybody but the one who did it, once each."""
    return [each for pk, each in {each.pk: each for each in people}.items() if by is None or pk != by.pk]


def report(
    booking: Booking,
    event: str,
    *,
    to: Iterable[User],
    kind: str = "",
    staff: Iterable[User] | None = None,
    after: timedelta = timedelta(0),
    occasion: str = "",
    **details: Any,
) -> None:
    """Tell people (`told/<event>.txt`), and programs when it is a `kind` of event; one occasion a version."""
    readers = list(to)
    if readers:
        tell(event, to=readers, about=booking, occasion=occasion or f"v{booking.version}", after=after, **details)
    if kind:
        broadcast(booking, kind, staff=staff)


def broadcast(booking: Booking, kind: str, *, staff: Iterable[User] | None = None) -> None:
    """An event for the programs of whoever has the booking and of the lab admins (`staff`, when known already)."""
    audience: set[UUID] = {booking.user_id, booking.booked_by_id}
    audience |= {each.pk for each in (deciders_of(booking) if staff is None else staff)}
    announce(kind, about=booking, to=sorted(audience), href=reverse("api_booking", args=[booking.pk]))
