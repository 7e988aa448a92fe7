"""The catalogue: facilities, who runs them, their instruments, what they test, and how records come in."""

from instruments.models.board import BoardNotice, Guide
from instruments.models.category import Alias, Category, CategoryScheme
from instruments.models.facility import Facility, FacilityRole
from instruments.models.favourite import Favourite
from instruments.models.files import Document, Photo
from instruments.models.history import (
    AccreditationEvent,
    BusyFeedEvent,
    DocumentEvent,
    FacilityEvent,
    InstrumentEvent,
    PhotoEvent,
    SpecificationEvent,
    TestItemEvent,
    UsedInstrumentEvent,
)
from instruments.models.instrument import ONE_NUMBER, BusyFeed, BusyTime, Instrument, Specification
from instruments.models.item import Accreditation, TestItem
from instruments.models.registry import CollectionRound, ColumnMapping, ImportRow, InstrumentImport, RoundAnswer

__all__ = [
    "ONE_NUMBER",
    "Accreditation",
    "AccreditationEvent",
    "Alias",
    "BoardNotice",
    "BusyFeed",
    "BusyFeedEvent",
    "BusyTime",
    "Category",
    "CategoryScheme",
    "CollectionRound",
    "ColumnMapping",
    "Document",
    "DocumentEvent",
    "Facility",
    "FacilityEvent",
    "FacilityRole",
    "Favourite",
    "Guide",
    "ImportRow",
    "Instrument",
    "InstrumentEvent",
    "InstrumentImport",
    "Photo",
    "PhotoEvent",
    "RoundAnswer",
    "Specification",
    "SpecificationEvent",
    "TestItem",
    "TestItemEvent",
    "UsedInstrumentEvent",
]
