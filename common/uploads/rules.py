"""How large, which kinds, which names; and the sentence of each rule that a file can break."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from common.errors import WrongInput

MEGABYTE = 1024 * 1024
# A scanned manual of a hundred pages has 10 to 15 MB; what is larger belongs to a data store, not to a portal.
DOCUMENT_LIMIT = 20 * MEGABYTE
# A telephone's photo has 3 to 8 MB. We keep a smaller copy anyway.
PICTURE_LIMIT = 10 * MEGABYTE
LONGEST_NAME = 120  # characters

EXTENSION_OF = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "application/pdf": "pdf",
    "text/csv": "csv",
    "text/plain": "txt",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
}

# Separators, control and invisible characters (which can turn a name's direction round), what Windows forbids.
ODD_IN_NAMES = re.compile(r'[/\\:*?"<>|]|\.\.')
RESERVED_NAME = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)

SENTENCES = {
    "empty": _("The file is empty."),
    "too_large": _("The file is larger than %(limit)s MB."),
    "name": _("The file's name is not a plain name. Rename it and try again."),
    "kind": _("This kind of file is not taken. Pictures: JPEG, PNG, WebP; documents: PDF, CSV, TXT, XLSX, DOCX."),
    "no_picture": _("This is no picture that we take: JPEG, PNG or WebP."),
    "extension": _("The name ends with “.%(extension)s”, and the file is something else."),
    "broken": _("The file is damaged or incomplete."),
    "mixed": _("The file holds a second file or a program's text. Save it anew and try again."),
    "known_bad": _("The file carries the mark of a known malicious program."),
    "pixels": _("The picture has more than %(limit)s million pixels. Save it smaller."),
    "animated": _("Moving pictures are not taken."),
    "encrypted": _("The file is protected by a password. Save it without."),
    "active": _("The PDF holds scripts, attached files or actions (%(name)s). Print it to a new PDF and try again."),
    "unpacked": _("The file is beyond all measure when it is unpacked."),
    "macros": _("The file holds macros or programs. Save it as a plain .xlsx or .docx file."),
    "links": _("The file draws on other files or servers. Break its links, save it and try again."),
    "formula": _("A cell holds a formula (line %(line)s). Save the values only."),
    "text": _("This is no plain text in UTF-8 or GB18030."),
}


def wrong(rule: str, **values: object) -> WrongInput:
    """The refusal of one rule; `rule` is its code."""
    return WrongInput("file", rule, SENTENCES[rule] % values)


def too_large(limit: int) -> WrongInput:
    return wrong("too_large", limit=limit // MEGABYTE)


def plain_name(raw: str) -> tuple[str, str]:
    """The name as it is kept, and its extension in lower case. Raises WrongInput (`name`)."""
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    stem, _dot, extension = name.rpartition(".")
    odd = any(unicodedata.category(letter).startswith("C") for letter in raw) or ODD_IN_NAMES.search(name)
    if odd or not stem.strip(". ") or RESERVED_NAME.match(name) or not re.fullmatch(r"[A-Za-z0-9]{1,5}", extension):
        raise wrong("name")
    return f"{stem.strip()[: LONGEST_NAME - len(extension) - 1].rstrip()}.{extension}", extension.lower()
