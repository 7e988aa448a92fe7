"""Whether this machine's clock may be believed: each process asks the database, twice a minute at most."""

from __future__ import annotations

import time

import structlog
from django.db import Error, connection

from common.db import clock_off

log = structlog.get_logger()

LOOKED_AT_EVERY = 30.0  # seconds, on a clock that nobody sets
_seen: dict[str, float] = {}


def seconds_off() -> int:
    """By how many seconds it is off, as of half a minute ago at most; 0 up to a minute, or where nobody answers."""
    now = time.monotonic()
    if now >= _seen.get("until", 0.0):
        try:
            _seen["off"] = clock_off(connection)
        except Error:  # whoever asks it next says so better
            return 0
        _seen["until"] = now + LOOKED_AT_EVERY
        if _seen["off"]:
            log.error("clock_off", seconds=_seen["off"])
    return int(_seen["off"])
