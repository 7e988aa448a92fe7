"""Files that people hand in: what the bytes are, whatever the name or the browser says; or why they are refused."""

from common.uploads.arriving import UploadWithinLimit, bytes_of, name_of
from common.uploads.documents import Document, document_of
from common.uploads.pictures import Picture, picture_of
from common.uploads.rules import DOCUMENT_LIMIT, EXTENSION_OF, PICTURE_LIMIT

__all__ = [
    "DOCUMENT_LIMIT",
    "EXTENSION_OF",
    "PICTURE_LIMIT",
    "Document",
    "Picture",
    "UploadWithinLimit",
    "bytes_of",
    "document_of",
    "name_of",
    "picture_of",
]
