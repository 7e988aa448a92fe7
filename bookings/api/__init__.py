"""REST: bookings with their actions, what is free, use, faults, trainings, feeds."""

from bookings.api.actions import (
    AcceptChange,
    Answer,
    Ask,
    Cancel,
    CheckIn,
    CheckOut,
    Confirm,
    Decline,
    HandOver,
    Messages,
    Reassign,
    Submit,
    Undo,
)
from bookings.api.bookings import Bookings, OneBooking
from bookings.api.quotes import Quotes
from bookings.api.reading import Availability, Calendar, Openings, PolicyOfInstrument
from bookings.api.work import Faults, Feeds, Maintenance, MendFault, OneFeed, Trainings, UsageRecords

__all__ = [
    "AcceptChange",
    "Answer",
    "Ask",
    "Availability",
    "Bookings",
    "Calendar",
    "Cancel",
    "CheckIn",
    "CheckOut",
    "Confirm",
    "Decline",
    "Faults",
    "Feeds",
    "HandOver",
    "Maintenance",
    "MendFault",
    "Messages",
    "OneBooking",
    "OneFeed",
    "Openings",
    "PolicyOfInstrument",
    "Quotes",
    "Reassign",
    "Submit",
    "Trainings",
    "Undo",
    "UsageRecords",
]
