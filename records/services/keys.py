"""Doing a thing once for each key, and forgetting the keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.utils import timezone

from common.db import in_one_transaction, violation_means
from common.errors import InFlight, OtherBody, Refused
from records.models import ONE_ANSWER_PER_KEY, IdempotencyKey
from records.rules import kept_for

KEPT_FOR = kept_for("idempotency_keys")

# The lock and the row in one statement. The row may be older than the lock (the snapshot comes first): who then
# meets the first request's own work is refused, and looks again.
LOCK_AND_LOOK = """
SELECT pg_try_advisory_xact_lock(hashtextextended(%(user)s || ' ' || %(key)s, 0)), row.fingerprint, row.status, row.body
FROM (SELECT) AS nothing
LEFT JOIN records_idempotencykey AS row ON row.user_id = %(user)s::uuid AND row.key = %(key)s
"""
# A millisecond less than by the model, for each request that changes something.
KEEP = """
INSERT INTO records_idempotencykey (user_id, key, fingerprint, status, body, created_at)
VALUES (%s::uuid, %s, %s, %s, %s::jsonb, %s)
"""


@dataclass(frozen=True)
class Answer:
    """What the caller is told: an HTTP status and a JSON body."""

    status: int
    body: Any
    replayed: bool = False


def once(user_id: UUID, *, key: str | None, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    """Do `act` in one transaction, together with keeping its answer for `key`.

    The same key and fingerprint get the first answer again. Whatever `act` raises leaves nothing, so a refused
    request may be sent again with its key. Raises `OtherBody` or `InFlight`.
    """
    if key is None:
        return in_one_transaction(act)
    return in_one_transaction(lambda: _once(user_id, key, fingerprint, act))


def _once(user_id: UUID, key: str, fingerprint: str, act: Callable[[], Answer]) -> Answer:
    alone, first = _lock_and_look(user_id, key, fingerprint)
    if first:
        return first
    if not alone:
        raise InFlight
    try:
        answer = act()
    except Refused:
        _alone, first = _lock_and_look(user_id, key, fingerprint)
        if first:
            return first
        raise
    body = json.dumps(answer.body, cls=DjangoJSONEncoder)
    with violation_means(ONE_ANSWER_PER_KEY, InFlight()), connection.cursor() as cursor:
        cursor.execute(KEEP, [str(user_id), key, fingerprint, answer.status, body, timezone.now()])
    return answer


def _lock_and_look(user_id: UUID, key: str, fingerprint: str) -> tuple[bool, Answer | None]:
    """Whether nobody else is at it, and the first answer to the same request; raises OtherBody for another one."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK_AND_LOOK, {"user": str(user_id), "key": key})
        alone, seen, status, body = cursor.fetchone()
    if seen and seen != fingerprint:
        raise OtherBody
    return alone, Answer(status, json.loads(body), replayed=True) if seen else None


def forget_old_keys() -> int:
    """Delete the keys that are past their 72 hours; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]
