"""Who changed what at an instrument or in a booking: the histories that its pages show."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, BookingEvent, ClosureEvent, OpeningHoursEvent, PolicyEvent
from instruments.models import Instrument, InstrumentEvent
from instruments.services import Change, changes_in

# What is bookkeeping of ours, or said by the page itself.
UNSAID = {
    *("id", "version", "created_at", "updated_at", "search_document", "facility", "category", "research_group", "slug"),
    *("draft_slot", "never_sent", "held_for", "external_ref", "no_show_at", "made_by", "group"),
}
NAMES = {
    "instrument": _("Instrument"),
    "user": _("Requester"),
    "booked_by": _("booked by"),
    "starts_at": _("From"),
    "ends_at": _("To"),
    "state": _("state"),
    "status": _("state"),
    "purpose": _("Purpose"),
    "title": _("title"),
    "answers": _("answers"),
    "flexible_minutes": _("would do as well (min)"),
    "assisted": _("with an operator"),
    "operator": _("Operator"),
    "question": _("question"),
    "overruled": _("rules set aside"),
    "overruled_because": _("why rules were set aside"),
    "expires_at": _("Answer due"),
    "decided_by": _("decided by"),
    "decided_at": _("decided at"),
    "reason": _("Reason"),
    "cancelled_as": _("cancelled as"),
    "cancelled_at": _("cancelled at"),
    "weekday": _("weekday (0 is Monday)"),
    "opens_minute": _("opens (minutes after midnight)"),
    "closes_minute": _("closes (minutes after midnight)"),
    "kind": _("kind"),
    "questions": _("questions"),
    "keywords": _("keywords"),
    "techniques": _("techniques"),
    "sharing": _("open to"),
    "booked_where": _("Booked where"),
    "booked_url": _("address of the owner's site"),
}


def history_of_booking(booking: Booking) -> list[Change]:
    """The life of a booking, the newest first."""
    return changes_in([BookingEvent.objects.filter(pgh_obj_id=booking.pk)], unsaid=UNSAID, names=NAMES)


def history_of_instrument(instrument: Instrument) -> list[Change]:
    """Its record, its rules, hours and closures and those of its facility, the newest first."""
    ours = Q(instrument_id=instrument.pk) | Q(facility_id=instrument.facility_id)
    return changes_in(
        [
            InstrumentEvent.objects.filter(pgh_obj_id=instrument.pk),
            PolicyEvent.objects.filter(ours),
            OpeningHoursEvent.objects.filter(ours),
            ClosureEvent.objects.filter(ours),
        ],
        unsaid=UNSAID,
        names=NAMES,
    )
