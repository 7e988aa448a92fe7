"""What must not be readable in the database, sealed with keys that are not in it.

Each subject (a child, say) has a data key of its own, a file under DATA_DIR/keys, wrapped by the first of FIELD_KEYS.
A dump of the database opens nothing without both. Destroying the file erases what it sealed everywhere, in backups of
the database too; so backups of the keys are kept apart, and not for long (docs/settings.md).

AES-256-GCM; each sealed value is bound to its subject and purpose, so that none can be put in another's place.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE, MARK = 12, 4  # bytes
WRAPPED = MARK + NONCE + 32 + 16  # a key of 32 bytes and its tag


class Unreadable(Exception):
    """The key is gone (what it sealed is erased), or none of FIELD_KEYS opens it."""


def make_key(subject: UUID) -> None:
    """A fresh data key for a subject, on the disk itself before anything can be sealed with it."""
    _keep(subject, _wrapped(secrets.token_bytes(32), subject))


def destroy_key(subject: UUID) -> bool:
    """Erase whatever this subject's key has sealed, for good; whether there was a key."""
    try:
        _place(subject).unlink()
    except FileNotFoundError:
        return False
    return True


def has_key(subject: UUID) -> bool:
    return _place(subject).is_file()


def seal(subject: UUID, purpose: str, value: dict[str, Any]) -> bytes:
    """`value` as bytes that only this subject's key opens. Raises Unreadable when the key is gone."""
    nonce = os.urandom(NONCE)
    text = json.dumps(value, ensure_ascii=False).encode()
    return nonce + AESGCM(_key_of(subject)).encrypt(nonce, text, _bound(subject, purpose))


def unseal(subject: UUID, purpose: str, sealed: bytes | memoryview) -> dict[str, Any]:
    """What was sealed. Raises Unreadable."""
    content = bytes(sealed)
    try:
        text = AESGCM(_key_of(subject)).decrypt(content[:NONCE], content[NONCE:], _bound(subject, purpose))
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error
    opened: dict[str, Any] = json.loads(text)
    return opened


def seal_text(purpose: str, text: str) -> str:
    """`text` for a column, sealed by the first of FIELD_KEYS: it has no key of its own and goes with its row."""
    return base64.b64encode(_locked(text.encode(), purpose.encode())).decode()


def unseal_text(purpose: str, sealed: str) -> str:
    """What `seal_text` sealed for the same purpose. Raises Unreadable."""
    return _opened(base64.b64decode(sealed), purpose.encode()).decode()


def seal_bytes(subject: UUID, data: bytes) -> bytes:
    """A whole file for a while: under a key of its own that lies in front of it, wrapped by the first of FIELD_KEYS."""
    key, nonce = secrets.token_bytes(32), os.urandom(NONCE)
    wrapped = _locked(key, _bound(subject, "file key"))
    return wrapped + nonce + AESGCM(key).encrypt(nonce, data, _bound(subject, "file"))


def unseal_bytes(subject: UUID, content: bytes) -> bytes:
    """What `seal_bytes` sealed. Raises Unreadable."""
    key = _opened(content[:WRAPPED], _bound(subject, "file key"))
    nonce, sealed = content[WRAPPED : WRAPPED + NONCE], content[WRAPPED + NONCE :]
    try:
        return AESGCM(key).decrypt(nonce, sealed, _bound(subject, "file"))
    except (InvalidTag, ValueError) as error:
        raise Unreadable from error


def wrap_anew() -> int:
    """Wrap every data key by the first of FIELD_KEYS; returns how many were wrapped by an older one."""
    count, newest = 0, _mark(_master_keys()[0])
    for subject, place in subjects_with_keys():
        if place.read_bytes()[:MARK] != newest:
            _keep(subject, _wrapped(_key_of(subject), subject))
            count += 1
    return count


def subjects_with_keys() -> Iterator[tuple[UUID, Path]]:
    """Every subject that has a key, and where it lies."""
    for place in _folder().glob("??/*"):
        try:
            yield UUID(place.name), place
        except ValueError:
            continue


def _bound(subject: UUID, purpose: str) -> bytes:
    return f"{subject} {purpose}".encode()


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "keys"


def _place(subject: UUID) -> Path:
    return _folder() / subject.hex[-2:] / str(subject)


def _master_keys() -> list[bytes]:
    return [hashlib.sha256(text.encode()).digest() for text in settings.FIELD_KEYS]


def _mark(master: bytes) -> bytes:
    """Which key wrapped it; says nothing of the key itself."""
    return hashlib.sha256(b"mark" + master).digest()[:MARK]


def _wrapped(key: bytes, subject: UUID) -> bytes:
    return _locked(key, _bound(subject, "key"))


def _key_of(subject: UUID) -> bytes:
    try:
        wrapped = _place(subject).read_bytes()
    except FileNotFoundError as error:
        raise Unreadable from error
    return _opened(wrapped, _bound(subject, "key"))


def _locked(content: bytes, bound: bytes) -> bytes:
    master, nonce = _master_keys()[0], os.urandom(NONCE)
    return _mark(master) + nonce + AESGCM(master).encrypt(nonce, content, bound)


def _opened(locked: bytes, bound: bytes) -> bytes:
    mark, nonce, sealed = locked[:MARK], locked[MARK : MARK + NONCE], locked[MARK + NONCE :]
    for master in _master_keys():
        if _mark(master) == mark:
            try:
                return AESGCM(master).decrypt(nonce, sealed, bound)
            except InvalidTag as error:
                raise Unreadable from error
    raise Unreadable


def _keep(subject: UUID, wrapped: bytes) -> None:
    """All of it or nothing: a key that was half written would have erased what it sealed."""
    place = _place(subject)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = place.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(wrapped)
        file.flush()
        os.fsync(file.fileno())
    arriving.rename(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
