"""Calling the webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPException
from uuid import UUID

from django.db import connection
from django.utils import timezone

from notifications.models import Event, WebhookDelivery, WebhookEndpoint
from notifications.rules import is_public
from notifications.services.outgoing import AT_A_TIME, claim, note_failure, note_sent
from notifications.services.reach import Vet, post_to
from notifications.services.signing import signature

TRIES = 17
# An event this old would have been given up by now.
LATEST_START = timedelta(hours=72)

# Only settled events: who is called finds the event in `changes/`, and the calls begin in its order.
NOT_YET_STARTED = """
SELECT endpoint.id, event.id
FROM notifications_webhookendpoint AS endpoint
JOIN notifications_event AS event ON event.audience @> ARRAY[endpoint.owner_id] AND event.kind = ANY(endpoint.kinds)
WHERE endpoint.active
  AND event.created_at > GREATEST(endpoint.created_at, %(earliest)s)
  AND event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
  AND NOT EXISTS (
    SELECT FROM notifications_webhookdelivery AS begun
    WHERE begun.endpoint_id = endpoint.id AND begun.event_id = event.id
  )
ORDER BY event.xid, event.id
LIMIT 1000
"""


def deliver_due_webhooks(vet: Vet = is_public) -> int:
    """Call the webhooks for what happened and for what failed before; returns how many took it.

    One worker at a time: endpoints that never answer keep one thread waiting, and the mails go on.
    """
    with _alone() as alone:
        if not alone:
            return 0
        _start_deliveries()
        return _call_each(vet)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether no other worker is at it; none begins before the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('webhooks', 0))")
        alone = cursor.fetchone()[0]
        try:
            yield alone
        finally:
            if alone:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('webhooks', 0))")


def _start_deliveries() -> None:
    with connection.cursor() as cursor:
        cursor.execute(NOT_YET_STARTED, {"earliest": timezone.now() - LATEST_START})
        pairs = cursor.fetchall()
    deliveries = [WebhookDelivery(endpoint_id=endpoint_id, event_id=event_id) for endpoint_id, event_id in pairs]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _call_each(vet: Vet) -> int:
    """An endpoint that fails is left alone for the rest of the round, or its backlog would hold up all others."""
    sent, failing = 0, set[UUID]()
    for _ in range(AT_A_TIME):
        delivery = claim(WebhookDelivery.objects.due(timezone.now()).exclude(endpoint__in=failing))
        if delivery is None:
            break
        if _call(delivery, vet):
            sent += 1
        else:
            failing.add(delivery.endpoint_id)
    return sent


def _call(delivery: WebhookDelivery, vet: Vet) -> bool:
    body = _body(delivery.event)
    try:
        reply = post_to(delivery.endpoint.url, body=body, headers=_headers(delivery, body), vet=vet)
    except (OSError, HTTPException, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        note_failure(delivery, reason, tries=TRIES, last_status=None, answer="")
        return False
    answered = {"last_status": reply.status, "answer": reply.excerpt}
    if reply.is_success:
        note_sent(delivery, **answered)
        return True
    if reply.status == HTTPStatus.GONE:
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(active=False)
    note_failure(delivery, f"HTTP {reply.status}", tries=TRIES, **answered)
    return False


def _body(event: Event) -> bytes:
    """Thin: what happened is read at `href`, with the rights that the reader has then."""
    happened_at = timezone.localtime(event.created_at).isoformat()
    data = {"id": event.subject_id, "href": event.link}
    return json.dumps({"type": event.kind, "timestamp": happened_at, "data": data}).encode()


def _headers(delivery: WebhookDelivery, body: bytes) -> dict[str, str]:
    """The id stays the same at each try and each replay: who got it twice can know."""
    message_id, now = str(delivery.event_id), timezone.now()
    timestamp = int(now.timestamp())
    signatures = [
        signature(secret, message_id=message_id, timestamp=timestamp, body=body)
        for secret in delivery.endpoint.live_secrets(now)
    ]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Jishi",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
