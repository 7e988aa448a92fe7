"""A document: which of the kinds that we take it is."""

from __future__ import annotations

from dataclasses import dataclass

from common.uploads.office import refuse_unless_office
from common.uploads.pdf import refuse_unless_pdf
from common.uploads.rules import EXTENSION_OF, plain_name, wrong
from common.uploads.texts import refuse_unless_text

MEDIA_TYPE = {extension: media_type for media_type, extension in EXTENSION_OF.items()}
DOCUMENTS = ["pdf", "csv", "txt", "xlsx", "docx"]


@dataclass(frozen=True)
class Document:
    """Bytes that were looked at, and are kept as they came."""

    name: str
    media_type: str
    data: bytes


def document_of(data: bytes, *, name: str) -> Document:
    """What the bytes are. Raises WrongInput (`file`) with the code of the rule that they break."""
    kept_name, extension = plain_name(name)
    if extension not in DOCUMENTS:
        raise wrong("kind")
    found = "pdf" if data.startswith(b"%PDF-") else "zip" if data.startswith(b"PK\x03\x04") else "text"
    said = {"xlsx": "zip", "docx": "zip", "pdf": "pdf"}.get(extension, "text")
    if found != said:
        raise wrong("extension", extension=extension)
    if found == "pdf":
        refuse_unless_pdf(data)
    elif found == "zip":
        refuse_unless_office(data, kind=extension)
    else:
        refuse_unless_text(data, table=extension == "csv")
    return Document(kept_name, MEDIA_TYPE[extension], data)
