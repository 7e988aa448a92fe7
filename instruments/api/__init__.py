"""REST: `instruments/`, `facilities/`, `categories/`, `test-items/`, `instrument-imports/`."""

from instruments.api.catalogue import BusyElsewhere, Categories, Facilities, Instruments, OneInstrument, Pidinst
from instruments.api.imports import ApplyImport, DiscardImport, ImportRows, InstrumentImports, OneImport, WrongRows
from instruments.api.items import OneTestItem, TestItems
from instruments.api.upsert import InstrumentByNumber

__all__ = [
    "ApplyImport",
    "BusyElsewhere",
    "Categories",
    "DiscardImport",
    "Facilities",
    "ImportRows",
    "InstrumentByNumber",
    "InstrumentImports",
    "Instruments",
    "OneImport",
    "OneInstrument",
    "OneTestItem",
    "Pidinst",
    "TestItems",
    "WrongRows",
]
