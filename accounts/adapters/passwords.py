"""Passwords that others know already, looked up in a file on this machine: nothing leaves it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

DIGITS = 40  # of a SHA-1 in hex


class NotBreached:
    """Refuses what is in BREACHED_PASSWORDS: a line for each password, its SHA-1 in hex, sorted; more may follow it."""

    def validate(self, password: str, user: object = None) -> None:
        if settings.BREACHED_PASSWORDS and is_listed(password, Path(settings.BREACHED_PASSWORDS)):
            raise ValidationError(
                _("This password is in a list of stolen ones: others try it first."), code="password_breached"
            )

    def get_help_text(self) -> str:
        return _("Your password can’t be one that was stolen somewhere before.")


def is_listed(password: str, file: Path) -> bool:
    """Whether the file has the password's line: halving it, about 35 reads in the 40 GB of all that are known."""
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with file.open("rb") as lines:
        low, high = 0, lines.seek(0, 2)
        while low < high:
            middle = (low + high) // 2
            begins, found = _line_from(lines, middle)
            if found == wanted:
                return True
            # `begins` is where the line starts that is the first from `middle` on.
            low, high = (begins + 1, high) if found and found < wanted else (low, middle)
    return False


def _line_from(lines: BinaryIO, place: int) -> tuple[int, bytes]:
    """Where the first line begins at or after `place`, and its hash; b'' behind the last one."""
    lines.seek(max(place - 1, 0))
    if place:
        lines.readline()
    begins = lines.tell()
    return begins, lines.readline()[:DIGITS].upper()


def can_be_searched(**_more: object) -> list[CheckMessage]:
    """A list that is not there, or not sorted, would refuse nothing, silently."""
    if not settings.BREACHED_PASSWORDS:
        return []
    try:
        with Path(settings.BREACHED_PASSWORDS).open("rb") as lines:
            hashes = [line[:DIGITS].upper() for line in (lines.readline() for _n in range(1000)) if line.strip()]
    except OSError as error:
        return [Error(f"BREACHED_PASSWORDS cannot be read: {error}", id="accounts.E001")]
    plain = all(len(each) == DIGITS and not each.strip(b"0123456789ABCDEF") for each in hashes)
    if not hashes or not plain or hashes != sorted(hashes):
        return [Error("BREACHED_PASSWORDS must be lines of SHA-1 in hex, sorted.", id="accounts.E002")]
    return []
