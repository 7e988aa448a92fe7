"""Calling the webhooks."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from common.reach import Vet, may_be_called, post_to
from notifications.models import Event, WebhookDelivery, WebhookEndpoint
from notifications.services.outgoing import AT_A_TIME, claim, note_failure, note_sent
from notifications.services.signing import signature

TRIES = 17
HIDDEN = "[…]"
# Webhook secrets, signatures, our tokens and other people's bearers: also the piece of one that was cut off.
SECRETS = re.compile(r"whsec_[\w+/=]*|v1,[\w+/=]{8,}|jishi_\w+_[\w-]*|(?<=[Bb]earer )[\w.~+/=-]+")


def deliver_due_webhooks(vet: Vet = may_be_called) -> int:
    """Call the webhooks for what happened and for what failed before; returns how many took it.

    One worker at a time: endpoints that never answer keep one thread waiting, and the mails go on.
    """
    with _alone() as alone:
        if not alone:
            return 0
        _pass_on_events()
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


@transaction.atomic
def _pass_on_events() -> None:
    """Only settled ones: who is called finds the event in `changes/`, and the calls begin in its order."""
    events = list(Event.objects.settled().filter(passed_on=False)[:AT_A_TIME])
    if not events:
        return
    readers = {reader for event in events for reader in event.audience}
    endpoints = list(WebhookEndpoint.objects.filter(active=True, owner__in=readers))
    pairs = [(endpoint, event) for event in events for endpoint in endpoints if endpoint.wants(event)]
    deliveries = [WebhookDelivery(endpoint=endpoint, event=event) for endpoint, event in pairs]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    Event.objects.filter(pk__in=[event.pk for event in events]).update(passed_on=True)


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
    body, begun = body_of(delivery.event), time.monotonic()
    tried = {"tried_at": timezone.now()}
    try:
        reply = post_to(delivery.endpoint.url, body=body, headers=_headers(delivery, body), vet=vet)
    except (OSError, HTTPException, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        took = {**tried, "duration_ms": _since(begun)}
        note_failure(delivery, reason, tries=TRIES, last_status=None, answer="", **took)
        return False
    shown = without_secrets(reply.excerpt, delivery.endpoint)
    answered = {**tried, "duration_ms": _since(begun), "last_status": reply.status, "answer": shown}
    if reply.is_success:
        note_sent(delivery, **answered)
        return True
    if reply.status == HTTPStatus.GONE:
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(active=False)
    note_failure(delivery, f"HTTP {reply.status}", tries=TRIES, **answered)
    return False


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)


def without_secrets(answer: str, endpoint: WebhookEndpoint) -> str:
    """How an answer begins, as a log may keep it: some programs send back what they were sent, or a token of theirs."""
    for secret in filter(None, [endpoint.secret, endpoint.previous_secret]):
        answer = answer.replace(secret, HIDDEN)
    return SECRETS.sub(HIDDEN, answer)


def body_of(event: Event) -> bytes:
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
