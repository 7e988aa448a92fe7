"""UNIQUIP, the table by which British universities publish their equipment (UNIQUIP Data Publishing Specification)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from common.text import folded, tidy
from instruments.formats.fields import BY_NAME
from instruments.formats.reasons import reason
from instruments.formats.row import Fields, Reasons, fields_of

HEADERS = [
    "Type", "Name", "Description", "Related Facility ID", "Technique", "Location", "Contact Name", "Contact Telephone",
    "Contact URL", "Contact Email", "Secondary Contact Name", "Secondary Contact Telephone", "Secondary Contact URL",
    "Secondary Contact Email", "ID", "Photo", "Department", "Site Location", "Building", "Service Level", "Web Address",
]  # fmt: skip
# The rest belongs to the facility (contact, building) or is not ours to store (photo, web address).
MEANS = {
    "Type": "uniquip_type", "Name": "uniquip_name", "Description": "uniquip_description", "ID": "inner_number",
    "Related Facility ID": "facility", "Technique": "techniques", "Location": "room",
}  # fmt: skip
OF_THEIRS = ("uniquip_type", "uniquip_name", "uniquip_description")
CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
LONGEST_NAME = 120


def guess(headers: Iterable[str]) -> dict[str, str]:
    """Which field stands under which header; '' for what we do not read."""
    known, found = {folded(name): field for name, field in MEANS.items()}, dict[str, str]()
    for header in headers:
        name = known.get(folded(header), "")
        if header:
            found[header] = "" if name in found.values() else name
    return found


def record_of(cells: Mapping[str, str], mapping: Mapping[str, str]) -> tuple[Fields, Reasons]:
    """What a line says. Name and description go to the Chinese or the English field by their letters.

    A line needs a name or a description (the specification's own rule) and, so that it is known again, an ID.
    """
    said = {name: cells.get(header, "") for header, name in mapping.items() if name in OF_THEIRS}
    if folded(said.get("uniquip_type", "")) == "facility":
        return {}, [reason("facility_row", "")]
    name, description = said.get("uniquip_name", ""), said.get("uniquip_description", "")
    name = name if name.strip() else tidy(description)[:LONGEST_NAME]
    texts = {_in_language("name", name): name, _in_language("summary", description): description}
    ours = {header: field for header, field in mapping.items() if field not in OF_THEIRS}
    given = {f"\0{field}": text for field, text in texts.items() if text.strip()}
    return fields_of({**cells, **given}, {**ours, **{header: header[1:] for header in given}})


def _in_language(stem: str, text: str) -> str:
    return f"{stem}_zh" if CHINESE.search(text) else f"{stem}_en"


def written(record: Mapping[str, Any]) -> dict[str, str]:
    """A record as a line of this table. `record` has our fields, and those of its facility as `facility_…`."""
    said = {
        "Type": "Equipment",
        "Name": record["name_en"] or record["name_zh"],
        "Description": record["summary_en"] or record["summary_zh"],
        "Related Facility ID": record["facility"],
        "Technique": "; ".join(record["techniques"]),
        "Location": record["room"] or record["facility_room"],
        "Contact Name": record["facility_contact_name"],
        "Contact Telephone": record["facility_contact_phone"],
        "Contact URL": record["facility_website"],
        "Contact Email": record["facility_contact_email"],
        "ID": record["inner_number"] or record["slug"],
        "Department": record["facility_name"],
        "Site Location": record["organisation"],
        "Building": record["facility_building"],
        "Service Level": record["service_level"],
        "Web Address": record["address"],
    }
    return {name: said.get(name, "") for name in HEADERS}


def is_known(name: str) -> bool:
    return name in BY_NAME or name in OF_THEIRS
