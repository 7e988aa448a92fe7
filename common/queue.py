"""What we ask of Redis beyond the cache: whether it answers, and how much waits in the worker's queue."""

from __future__ import annotations

import redis
from django.conf import settings

PATIENCE = 1  # seconds


def queue_depth() -> int | None:
    """How many tasks wait; None while Redis does not answer."""
    try:
        with redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=PATIENCE, socket_timeout=PATIENCE
        ) as client:  # fmt: skip
            return int(client.llen(settings.QUEUE))
    except (redis.RedisError, OSError):
        return None
