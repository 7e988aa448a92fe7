"""REST: `instruments/`, `facilities/`, `categories/`, `instrument-imports/`."""

from instruments.api.catalogue import Categories, Facilities, Instruments, OneInstrument
from instruments.api.imports import ApplyImport, DiscardImport, ImportRows, InstrumentImports, OneImport, WrongRows
from instruments.api.upsert import InstrumentByNumber

__all__ = [
    "ApplyImport",
    "Categories",
    "DiscardImport",
    "Facilities",
    "ImportRows",
    "InstrumentByNumber",
    "InstrumentImports",
    "Instruments",
    "OneImport",
    "OneInstrument",
    "WrongRows",
]
