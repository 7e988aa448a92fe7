"""What must not be readable in the database, sealed with keys that are not in it.

Each subject (a child, say) has a data key of its own, a file under DATA_DIR/keys, wrapped by the first of FIELD_KEYS.
A dump of the database opens nothing without both. Destroying the file erases what it sealed everywhere, in backups of
the database too; so backups of the keys are kept apart, and not for long (docs/settings.md).

AES-256-GCM, or what FIELD_CIPHER names, where that is broken one day; what the other one sealed opens, too. Each sealed
value is bound to its subject and purpose, so that none can be put in another's place.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from django.conf import settings

from common.disk import write_whole

CIPHERS: dict[str, type[AESGCM] | type[ChaCha20Poly1305]] = {
    "aes-256-gcm": AESGCM,
    "chacha20-poly1305": ChaCha20Poly1305,
}  # all with keys of 32 bytes, nonces of 12 and tags of 16
USUAL = "aes-256-gcm"
NONCE, MARK = 12, 4  # bytes
WRAPPED = MARK + NONCE + 32 + 16  # a key of 32 bytes and its tag


class Unreadable(Exception):
    """The key is gone (what it sealed is erased), or none of FIELD_KEYS opens it."""


def make_key(subject: UUID) -> None:
    """A fresh data key for a subject, on the disk itself before anything can be sealed with it."""
    _keep(subject, _wrapped(secrets.token_bytes(32), subject))


def destroy_key(subject: UUID) -> bool:
    """Erase whatever this subject's key has sealed, for good; whether there was a key."""
    place = _place(subject)
    with _alone():
        for left in place.parent.glob(f"{subject}.*"):  # by a crash while it was being kept
            left.unlink()
        was_there = place.exists()
        place.unlink(missing_ok=True)
    return was_there


def has_key(subject: UUID) -> bool:
    return _place(subject).is_file()


def seal(subject: UUID, purpose: str, value: dict[str, Any]) -> bytes:
    """`value` as bytes that only this subject's key opens. Raises Unreadable when the key is gone."""
    text = json.dumps(value, ensure_ascii=False).encode()
    return _shut(_key_of(subject), text, _bound(subject, purpose))


def unseal(subject: UUID, purpose: str, sealed: bytes | memoryview) -> dict[str, Any]:
    """What was sealed. Raises Unreadable."""
    opened: dict[str, Any] = json.loads(_open(_key_of(subject), bytes(sealed), _bound(subject, purpose)))
    return opened


def seal_text(purpose: str, text: str) -> str:
    """`text` for a column, sealed by the first of FIELD_KEYS: it has no key of its own and goes with its row."""
    return base64.b64encode(_locked(text.encode(), purpose.encode())).decode()


def unseal_text(purpose: str, sealed: str) -> str:
    """What `seal_text` sealed for the same purpose. Raises Unreadable."""
    return _opened(base64.b64decode(sealed), purpose.encode()).decode()


def seal_bytes(subject: UUID, data: bytes) -> bytes:
    """A whole file for a while: under a key of its own that lies in front of it, wrapped by the first of FIELD_KEYS."""
    key = secrets.token_bytes(32)
    return _locked(key, _bound(subject, "file key")) + _shut(key, data, _bound(subject, "file"))


def unseal_bytes(subject: UUID, content: bytes) -> bytes:
    """What `seal_bytes` sealed. Raises Unreadable."""
    key = _opened(content[:WRAPPED], _bound(subject, "file key"))
    return _open(key, content[WRAPPED:], _bound(subject, "file"))


def wrap_anew() -> tuple[int, list[UUID]]:
    """Wrap every data key by the first of FIELD_KEYS with FIELD_CIPHER: how many were wrapped otherwise, and whose
    key none of FIELD_KEYS opens. Those stay as they are.
    """
    count, shut, newest = 0, list[UUID](), _mark(_master_keys()[0], settings.FIELD_CIPHER)
    for subject, place in subjects_with_keys():
        try:
            wrapped = place.read_bytes()
            key = None if wrapped[:MARK] == newest else _opened(wrapped, _bound(subject, "key"))
        except FileNotFoundError:  # erased meanwhile
            continue
        except Unreadable:
            shut.append(subject)
            continue
        with _alone():
            if key and place.exists():
                _keep(subject, _wrapped(key, subject))
                count += 1
    return count, shut


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


def _mark(master: bytes, cipher: str) -> bytes:
    """Which key wrapped it, and how; says nothing of the key itself."""
    how = b"" if cipher == USUAL else cipher.encode()
    return hashlib.sha256(b"mark" + how + master).digest()[:MARK]


def _with(cipher: str, key: bytes) -> AESGCM | ChaCha20Poly1305:
    """No two ciphers share a key."""
    return CIPHERS[cipher](key if cipher == USUAL else hashlib.sha256(cipher.encode() + key).digest())


def _shut(key: bytes, content: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + _with(settings.FIELD_CIPHER, key).encrypt(nonce, content, bound)


def _open(key: bytes, shut: bytes, bound: bytes, ciphers: Iterable[str] = CIPHERS) -> bytes:
    """Whichever of the ciphers shut it: each looks at its tag, and opens nothing of another's. Raises Unreadable."""
    for cipher in ciphers:
        with suppress(InvalidTag, ValueError):
            return _with(cipher, key).decrypt(shut[:NONCE], shut[NONCE:], bound)
    raise Unreadable


def _wrapped(key: bytes, subject: UUID) -> bytes:
    return _locked(key, _bound(subject, "key"))


def _key_of(subject: UUID) -> bytes:
    try:
        wrapped = _place(subject).read_bytes()
    except FileNotFoundError as error:
        raise Unreadable from error
    return _opened(wrapped, _bound(subject, "key"))


def _locked(content: bytes, bound: bytes) -> bytes:
    master = _master_keys()[0]
    return _mark(master, settings.FIELD_CIPHER) + _shut(master, content, bound)


def _opened(locked: bytes, bound: bytes) -> bytes:
    for master in _master_keys():
        for cipher in CIPHERS:
            if _mark(master, cipher) == locked[:MARK]:
                return _open(master, locked[MARK:], bound, [cipher])
    raise Unreadable


@contextmanager
def _alone() -> Iterator[None]:
    """One program at a time, so that no key comes back while its subject is being erased."""
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep(subject: UUID, wrapped: bytes) -> None:
    """All of it or nothing: a key that was half written would have erased what it sealed."""
    place = _place(subject)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(place, wrapped, mode=0o600)
