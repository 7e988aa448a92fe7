"""Workbooks and texts of office programs (ECMA-376): without macros, foreign objects or links to outside."""

from __future__ import annotations

import re
import zipfile
from urllib.parse import urlsplit

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from common.uploads.archive import members_of, unpacked
from common.uploads.marks import EICAR, overlapping
from common.uploads.rules import MEGABYTE, wrong

TYPES = "[Content_Types].xml"
MAIN = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
}
LARGEST_INDEX = MEGABYTE  # of the lists of types and of links, which are read as a whole
TAKEN = re.compile(
    r".*\.(?:xml|rels|vml|png|jpe?g|gif|bmp|tiff?|emf|wmf|odttf)|.*/printersettings\d*\.bin", re.IGNORECASE
)
PROGRAMS = re.compile(r"vba|macro|activex|ctrlprops|embeddings|oleobject|dialogsheets|customui|attachedtoolbars", re.I)
OUTSIDE = re.compile(
    r"externallink|connections\.xml|querytable|webextension|attachedtemplate|afchunk|subdocument", re.I
)
# A link that a person may click; everything else that points outside is fetched without asking.
CLICKED = {"http", "https", "mailto", ""}
DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def refuse_unless_office(data: bytes, *, kind: str) -> None:
    """Raise WrongInput unless `data` is a plain file of `kind` (`xlsx`, `docx`)."""
    members = members_of(data)
    names = {each.filename: each for each in members}
    if TYPES not in names:
        raise wrong("kind")
    _refuse_types(_index(data, names[TYPES]), kind)
    for each in members:
        if PROGRAMS.search(each.filename):
            raise wrong("macros")
        if OUTSIDE.search(each.filename):
            raise wrong("links")
        if not TAKEN.fullmatch(each.filename):
            raise wrong("kind")
        _refuse_contents(data, each)
        if each.filename.lower().endswith(".rels"):
            _refuse_links(_index(data, each))


def _refuse_types(index: bytes, kind: str) -> None:
    types = [str(each.get("ContentType", "")) for each in _elements(index)]
    if any(PROGRAMS.search(each) for each in types):
        raise wrong("macros")
    if types.count(MAIN[kind]) != 1:
        raise wrong("extension", extension=kind)


def _refuse_contents(data: bytes, member: zipfile.ZipInfo) -> None:
    """Reads it to its end, so that what it says of its size is true; XML may hold no DTD."""
    is_xml = member.filename.lower().endswith((".xml", ".rels", ".vml"))
    first = True
    for piece in overlapping(unpacked(data, member)):
        if first and is_xml:
            _refuse_unless_utf8(piece[:200])
        if is_xml and DTD.search(piece):
            raise wrong("mixed")
        if EICAR in piece:
            raise wrong("known_bad")
        first = False


def _refuse_unless_utf8(start: bytes) -> None:
    """The parts must be UTF-8: in UTF-16 no search of ours would find anything."""
    said = re.search(rb"encoding\s*=\s*[\"']([^\"']*)", start)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or b"\x00" in start:
        raise wrong("broken")
    if said and said[1].lower() not in {b"utf-8", b"us-ascii"}:
        raise wrong("broken")


def _refuse_links(index: bytes) -> None:
    for link in _elements(index):
        kind, target = str(link.get("Type", "")), str(link.get("Target", ""))
        if PROGRAMS.search(kind) or re.search(r"/(?:package|control)$", kind):
            raise wrong("macros")
        outside = link.get("TargetMode") == "External" or "://" in target or target.startswith("\\\\")
        may_be_clicked = kind.endswith("/hyperlink") and urlsplit(target).scheme.lower() in CLICKED
        if OUTSIDE.search(kind) or (outside and (not may_be_clicked or target.startswith("\\\\"))):
            raise wrong("links")


def _index(data: bytes, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > LARGEST_INDEX:
        raise wrong("unpacked")
    return b"".join(unpacked(data, member))


def _elements(index: bytes) -> list[dict[str, str]]:
    """The attributes of every element of a small XML file, without their namespaces."""
    try:
        root = ElementTree.fromstring(index, forbid_dtd=True)
    except (DefusedXmlException, ElementTree.ParseError, ValueError, LookupError) as error:
        raise wrong("broken") from error
    return [each.attrib for each in root.iter()]
