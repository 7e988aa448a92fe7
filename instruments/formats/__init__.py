"""Tables of instruments (the portal's own and UNIQUIP), and their metadata. Pure: no query, no clock."""

from __future__ import annotations

from types import ModuleType

from instruments.formats import jishi, uniquip
from instruments.formats.countries import country_of
from instruments.formats.fields import BY_NAME, FIELDS, LONGEST_TEXT, PLACES
from instruments.formats.pidinst import datacite, json_ld, pidinst
from instruments.formats.reasons import in_words, label, reason
from instruments.formats.row import Fields, Reasons, changes_between, objections_to_record, plain
from instruments.formats.values import lines, sent_back
from instruments.states import TableFormat

FORMATS: dict[str, ModuleType] = {TableFormat.JISHI: jishi, TableFormat.UNIQUIP: uniquip}

__all__ = [
    "BY_NAME",
    "FIELDS",
    "FORMATS",
    "LONGEST_TEXT",
    "PLACES",
    "Fields",
    "Reasons",
    "changes_between",
    "country_of",
    "datacite",
    "in_words",
    "json_ld",
    "label",
    "lines",
    "objections_to_record",
    "pidinst",
    "plain",
    "reason",
    "sent_back",
]
