"""What other registries and search engines are told of an instrument."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from jsonschema import Draft202012Validator

from instruments.states import Status
from tests.factories import category_of

TEXT = {"type": "string", "minLength": 1}
DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


def made_of(required, **properties):
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def list_of(name, inner):
    return {"type": "array", "minItems": 1, "items": made_of([name], **{name: inner})}


# The properties of PIDINST 1.0 (RDA, "PIDINST schema", doi:10.15497/RDA00070), with what it makes mandatory.
PIDINST = made_of(
    ["Identifier", "SchemaVersion", "LandingPage", "Name", "Owners", "Manufacturers"],
    Identifier=made_of(
        ["identifierValue", "identifierType"], identifierValue=TEXT,
        identifierType={"enum": ["Handle", "DOI", "URL", "ARK", "URN"]},
    ),
    SchemaVersion={"const": "1.0"},
    LandingPage={"type": "string", "pattern": "^https?://"},
    Name=TEXT,
    Owners=list_of("Owner", made_of(
        ["ownerName"], ownerName=TEXT, ownerContact=TEXT,
        ownerIdentifier=made_of(["ownerIdentifierValue"], ownerIdentifierValue=TEXT, ownerIdentifierType=TEXT),
    )),
    Manufacturers=list_of("Manufacturer", made_of(
        ["manufacturerName"], manufacturerName=TEXT,
        manufacturerIdentifier=made_of(["manufacturerIdentifierValue"], manufacturerIdentifierValue=TEXT),
    )),
    Model=made_of(["modelName"], modelName=TEXT, modelIdentifier=TEXT),
    Description=TEXT,
    InstrumentTypes=list_of("InstrumentType", made_of(["instrumentTypeName"], instrumentTypeName=TEXT)),
    MeasuredVariables=list_of("MeasuredVariable", TEXT),
    Dates=list_of("Date", made_of(
        ["dateValue", "dateType"], dateValue=DAY, dateType={"enum": ["Commissioned", "DeCommissioned"]}
    )),
    RelatedIdentifiers={"type": "array"},
    AlternateIdentifiers=list_of("AlternateIdentifier", made_of(
        ["alternateIdentifierValue", "alternateIdentifierType"], alternateIdentifierValue=TEXT,
        alternateIdentifierType={"enum": ["SerialNumber", "InventoryNumber", "Other"]},
    )),
)  # fmt: skip
# What DataCite 4.5 makes mandatory, and its words for instruments.
DATACITE = {
    "type": "object",
    "required": ["identifiers", "creators", "titles", "publisher", "publicationYear", "types", "schemaVersion"],
    "properties": {
        "types": made_of(
            ["resourceTypeGeneral", "resourceType"], resourceTypeGeneral={"const": "Instrument"}, resourceType=TEXT
        ),
        "publicationYear": {"type": "string", "pattern": r"^\d{4}$"},
        "creators": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["name"]}},
        "contributors": {
            "type": "array",
            "items": {"properties": {"contributorType": {"const": "HostingInstitution"}}},
        },
        "dates": {"type": "array", "items": {"properties": {"dateType": {"enum": ["Available", "Withdrawn"]}}}},
    },
}


@pytest.fixture
def full(sem):
    sem.category = category_of("s", code="0101", name_zh="电镜", name_en="Microscope")
    sem.manufacturer, sem.model, sem.serial_number, sem.inner_number = "示例仪器厂", "X-1", "S-9", "2020-7"
    sem.commissioned_on, sem.summary_en, sem.original_value = date(2020, 5, 4), "Looks at surfaces", 1_234_567
    sem.funding_source = "a secret fund"
    sem.save()
    sem.facility.organisation.ror = "https://ror.org/000000000"
    sem.facility.organisation.save()
    return sem


@pytest.mark.parametrize("bare", [True, False])
def test_metadata_keep_the_published_schemas(call, request, sem, bare):
    if not bare:
        request.getfixturevalue("full")

    pidinst = call().get("/api/v1/instruments/sem/pidinst/").json()
    datacite = call().get("/api/v1/instruments/sem/pidinst/", {"profile": "datacite"}).json()

    assert not list(Draft202012Validator(PIDINST).iter_errors(pidinst))
    assert not list(Draft202012Validator(DATACITE).iter_errors(datacite))


def test_what_is_nobodys_business_is_left_out(call, full):
    for profile in ("pidinst", "datacite"):
        said = call().get("/api/v1/instruments/sem/pidinst/", {"profile": profile}).content.decode()
        assert "1234567" not in said
        assert "secret" not in said


def test_a_name_cannot_break_out_of_the_data_block(client, full):
    full.name_zh = "</script><script>alert(1)</script><!--"
    full.save()

    page = client.get("/instruments/sem/").content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1]

    assert json.loads(block)["name"] == full.name_zh
    assert "<script>alert(1)" not in page


def test_the_sitemap_names_the_catalogue_in_both_languages_and_nothing_retired(client, sem, xrd):
    xrd.status = Status.RETIRED
    xrd.save()

    index = client.get("/sitemap.xml").content.decode()
    pages = client.get("/sitemap-instruments.xml").content.decode()

    assert "/sitemap-instruments.xml" in index
    assert "/instruments/sem/</loc>" in pages
    assert "/en/instruments/sem/</loc>" in pages
    assert "/instruments/xrd/" not in pages
    assert "Sitemap: " in client.get("/robots.txt").content.decode()
