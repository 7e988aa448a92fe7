"""Who uses what, when: policies and hours, training, operators, bookings, and the time that they hold."""

from bookings.models.booking import NO_OVERLAP, Booking, Change, Claim, Feedback
from bookings.models.feed import Feed
from bookings.models.history import (
    BookingEvent,
    ChangeEvent,
    ClosureEvent,
    FaultEvent,
    OpeningHoursEvent,
    PolicyEvent,
    TrainingEvent,
)
from bookings.models.opening import Closure, HoursException, OpeningHours
from bookings.models.operators import OPERATOR_FREE, Operator, OperatorClaim, OperatorHours, OperatorLeave
from bookings.models.policy import Policy, Quota
from bookings.models.training import Training, TrainingNeed, TrainingRequest
from bookings.models.use import Fault, UsageRecord

__all__ = [
    "NO_OVERLAP",
    "OPERATOR_FREE",
    "Booking",
    "BookingEvent",
    "Change",
    "ChangeEvent",
    "Claim",
    "Closure",
    "ClosureEvent",
    "Fault",
    "FaultEvent",
    "Feed",
    "Feedback",
    "HoursException",
    "OpeningHours",
    "OpeningHoursEvent",
    "Operator",
    "OperatorClaim",
    "OperatorHours",
    "OperatorLeave",
    "Policy",
    "PolicyEvent",
    "Quota",
    "Training",
    "TrainingEvent",
    "TrainingNeed",
    "TrainingRequest",
    "UsageRecord",
]
