"""Forms: shape only; the rules are asked by the services."""

from bookings.forms.booking import (
    BookingForm,
    MoveForm,
    answers_as_given,
    as_initial,
    named_in,
    usual_lengths,
    with_slot,
)
from bookings.forms.deciding import AskForm, DeclineForm
from bookings.forms.ending import MergeForm, RetireForm
from bookings.forms.lab import (
    ClosureForm,
    ExceptionForm,
    FaultForm,
    HoursForm,
    MaintenanceForm,
    MessageForm,
    NeedForm,
    OperatorForm,
    TrainingForm,
    UsageForm,
    written,
)
from bookings.forms.policy import CategoryForm, PolicyForm, QuotaForm

__all__ = [
    "AskForm",
    "BookingForm",
    "CategoryForm",
    "ClosureForm",
    "DeclineForm",
    "ExceptionForm",
    "FaultForm",
    "HoursForm",
    "MaintenanceForm",
    "MergeForm",
    "MessageForm",
    "MoveForm",
    "NeedForm",
    "OperatorForm",
    "PolicyForm",
    "QuotaForm",
    "RetireForm",
    "TrainingForm",
    "UsageForm",
    "answers_as_given",
    "as_initial",
    "named_in",
    "usual_lengths",
    "with_slot",
    "written",
]
