"""An instrument's metadata for other registries.

PIDINST 1.0 is the schema of the RDA working group "Persistent Identification of Instruments"; the mapping to DataCite
4.5 (resourceTypeGeneral Instrument) follows its white paper. What is nobody's business (value, funding, customs) is
left out.
"""

from __future__ import annotations

from typing import Any

SCHEMA_VERSION = "1.0"
UNKNOWN = "unknown"


def pidinst(instrument: Any, *, landing_page: str) -> dict[str, Any]:
    """The PIDINST 1.0 record of an instrument; its address here is its identifier until it has a Handle or a DOI."""
    owner = instrument.facility.organisation
    record: dict[str, Any] = {
        "Identifier": {"identifierValue": landing_page, "identifierType": "URL"},
        "SchemaVersion": SCHEMA_VERSION,
        "LandingPage": landing_page,
        "Name": instrument.name_en or instrument.name_zh,
        "Owners": [{"Owner": _owner(owner, instrument.facility)}],
        "Manufacturers": [{"Manufacturer": {"manufacturerName": instrument.manufacturer or UNKNOWN}}],
        "InstrumentTypes": [{"InstrumentType": {"instrumentTypeName": _type(instrument)}}],
    }
    if instrument.model:
        record["Model"] = {"modelName": instrument.model}
    if text := instrument.summary_en or instrument.summary_zh:
        record["Description"] = text
    if dates := _dates(instrument):
        record["Dates"] = [{"Date": {"dateValue": value, "dateType": kind}} for kind, value in dates]
    if numbers := _numbers(instrument):
        record["AlternateIdentifiers"] = [
            {"AlternateIdentifier": {"alternateIdentifierValue": value, "alternateIdentifierType": kind}}
            for kind, value in numbers
        ]
    if instrument.techniques:
        record["MeasuredVariables"] = [{"MeasuredVariable": each} for each in instrument.techniques]
    return record


def datacite(instrument: Any, *, landing_page: str, publisher: str) -> dict[str, Any]:
    """The same as DataCite 4.5: the creator is the manufacturer, the owner a hosting institution."""
    owner = instrument.facility.organisation
    titles = [{"title": instrument.name_zh, "lang": "zh"}]
    titles += [{"title": instrument.name_en, "lang": "en"}] if instrument.name_en else []
    started = instrument.commissioned_on or instrument.created_at
    return {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceTypeGeneral": "Instrument", "resourceType": _type(instrument)},
        "identifiers": [{"identifier": landing_page, "identifierType": "URL"}],
        "creators": [{"name": instrument.manufacturer or ":unkn", "nameType": "Organizational"}],
        "titles": titles,
        "publisher": {"name": publisher},
        "publicationYear": f"{started:%Y}",
        "contributors": [
            {
                "name": owner.name_en or owner.name_zh,
                "nameType": "Organizational",
                "contributorType": "HostingInstitution",
                "nameIdentifiers": _name_identifiers(owner),
            }
        ],
        "dates": [
            {"date": value, "dateType": "Available" if kind == "Commissioned" else "Withdrawn"}
            for kind, value in _dates(instrument)
        ],
        "descriptions": [
            {"description": text, "descriptionType": "TechnicalInfo", "lang": language}
            for language, text in (("zh", instrument.summary_zh), ("en", instrument.summary_en))
            if text
        ],
        "alternateIdentifiers": [
            {"alternateIdentifier": value, "alternateIdentifierType": kind} for kind, value in _numbers(instrument)
        ],
    }


def _owner(owner: Any, facility: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"ownerName": owner.name_en or owner.name_zh}
    if facility.contact_email:
        said["ownerContact"] = facility.contact_email
    if known := _identifiers(owner):
        kind, value = known[0]
        said["ownerIdentifier"] = {"ownerIdentifierValue": value, "ownerIdentifierType": kind}
    return said


def _identifiers(owner: Any) -> list[tuple[str, str]]:
    return [(kind, value) for kind, value in (("ROR", owner.ror), ("USCC", owner.uscc)) if value]


def _name_identifiers(owner: Any) -> list[dict[str, str]]:
    return [{"nameIdentifier": value, "nameIdentifierScheme": kind} for kind, value in _identifiers(owner)]


def _type(instrument: Any) -> str:
    category = instrument.category
    return f"{category.name_en or category.name_zh}" if category else str(instrument.kind)


def _dates(instrument: Any) -> list[tuple[str, str]]:
    """ISO 8601 days."""
    known = (("Commissioned", instrument.commissioned_on), ("DeCommissioned", instrument.decommissioned_on))
    return [(kind, day.isoformat()) for kind, day in known if day]


def _numbers(instrument: Any) -> list[tuple[str, str]]:
    known = (("SerialNumber", instrument.serial_number), ("InventoryNumber", instrument.inner_number))
    return [(kind, value) for kind, value in known if value]


def json_ld(instrument: Any, *, address: str, doors: list[dict[str, str]]) -> dict[str, Any]:
    """The same for search engines (schema.org): a thing that an organisation offers the use of."""
    owner = instrument.facility.organisation
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "@id": address,
        "url": address,
        "name": instrument.name,
        "category": _type(instrument),
        "alternateName": [each for each in (instrument.name_zh, instrument.name_en) if each],
        "manufacturer": {"@type": "Organization", "name": instrument.manufacturer} if instrument.manufacturer else None,
        "model": instrument.model or None,
        "description": instrument.summary or None,
        "keywords": ", ".join([*instrument.techniques, *instrument.keywords]) or None,
        "offers": [
            {
                "@type": "Offer",
                "name": door["name"],
                "url": door["url"],
                "availability": "https://schema.org/InStock",
                "businessFunction": "http://purl.org/goodrelations/v1#LeaseOut",
                "seller": {"@type": "Organization", "name": owner.name, **({"sameAs": owner.ror} if owner.ror else {})},
                "areaServed": {"@type": "Place", "name": f"{instrument.facility.name} {instrument.facility.building}"},
            }
            for door in doors
        ],
    }
    return {name: value for name, value in said.items() if value}
