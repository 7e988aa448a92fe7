"""What the database's own triggers write down when a record of the catalogue changes."""

from __future__ import annotations

import pghistory

from common.history import every_change
from instruments.models.facility import Facility
from instruments.models.files import Document, Photo
from instruments.models.instrument import BusyFeed, Instrument, Specification
from instruments.models.item import Accreditation, TestItem

# What is worked out from the rest is no event for anybody.
WORKED_OUT = ["search_document", "search_vector", "indexed_under"]
NO_EVENT = ["version", "updated_at", *WORKED_OUT]


class InstrumentEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Instrument,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=[*NO_EVENT, "organisation"])),
        exclude=[*WORKED_OUT, "organisation"],
        append_only=True,
    )
):
    """What an instrument's record said, one row a change; the database's own trigger writes it."""


class TestItemEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        TestItem,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=NO_EVENT)),
        exclude=WORKED_OUT,
        append_only=True,
    )
):
    """What a test item's record said, one row a change."""

    __test__ = False


class FacilityEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Facility, pghistory.InsertEvent(), pghistory.UpdateEvent(), append_only=True
    )
):
    """What a facility's record said, one row a change."""


class SpecificationEvent(every_change(Specification)):  # type: ignore[misc]
    """What a line of a data sheet said, one row a change."""


class AccreditationEvent(every_change(Accreditation)):  # type: ignore[misc]
    """What was said of a test item's accreditation, one row a change."""


class PhotoEvent(every_change(Photo)):  # type: ignore[misc]
    """That a photo came, was shown in another place, or went."""


class DocumentEvent(every_change(Document)):  # type: ignore[misc]
    """That a document came or went."""


class BusyFeedEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        BusyFeed,
        pghistory.InsertEvent(),
        pghistory.DeleteEvent(),
        exclude=["due_at", "read_at", "fault"],
        append_only=True,
    )
):
    """Where it is read when an instrument is busy; not each reading, and another address is another feed."""


class UsedInstrumentEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        TestItem.instruments.through, pghistory.InsertEvent(), pghistory.DeleteEvent(), append_only=True
    )
):
    """That a test item began or ceased to use an instrument."""
