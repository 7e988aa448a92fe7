from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from bookings.models import Booking
from common.words import in_zone
from notifications.services import tell

REMINDERS = {"day_reminder_at": timedelta(hours=24), "hour_reminder_at": timedelta(hours=1)}
AT_A_TIME = 200


def remind_of_coming(*, now: datetime) -> int:
    """Tell people of confirmed bookings 24 h and 1 h before they begin, once each; returns how many were told.

    Who confirmed later than that needs no reminder, and a reminder that is far too late is not sent: with less than
    an hour to go only the second one is.
    """
    return sum(_remind(now, mark=mark, lead=lead) for mark, lead in REMINDERS.items())


@transaction.atomic
def _remind(now: datetime, *, mark: str, lead: timedelta) -> int:
    due = Booking.objects.to_be_reminded(now, lead=lead, mark=mark)
    if mark == "day_reminder_at":
        due = due.filter(starts_at__gt=now + REMINDERS["hour_reminder_at"])
    rows = due.select_for_update(skip_locked=True, of=("self",), no_key=True).with_everything()[:AT_A_TIME]
    for booking in rows:
        setattr(booking, mark, now)
        booking.save(update_fields=[mark])
        occasion = f"{mark} {booking.starts_at.isoformat()}"
        when = in_zone(booking.starts_at, booking.instrument.facility.time_zone)
        tell("booking_reminder", to=[booking.user], about=booking, occasion=occasion, when=when)
    return len(rows)
