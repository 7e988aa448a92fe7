"""Forms: shape only; the rules are asked by the services."""

from outreach.forms.desk import (
    ConsentTextForm,
    ItineraryForm,
    MentorForm,
    NeedForm,
    PlacesForm,
    ProgrammeForm,
    SafetyForm,
    SessionForm,
)
from outreach.forms.family import ChildForm, ConsentForm, EnrolForm, FilterForm, HealthForm

__all__ = [
    "ChildForm",
    "ConsentForm",
    "ConsentTextForm",
    "EnrolForm",
    "FilterForm",
    "HealthForm",
    "ItineraryForm",
    "MentorForm",
    "NeedForm",
    "PlacesForm",
    "ProgrammeForm",
    "SafetyForm",
    "SessionForm",
]
