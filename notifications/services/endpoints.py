from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from common.errors import refuse_if
from notifications.models import WebhookDelivery, WebhookEndpoint
from notifications.rules import objections_to_webhook
from notifications.services.outgoing import start_anew
from notifications.services.signing import new_secret
from notifications.services.tell import Reader
from notifications.states import EventKind


@transaction.atomic
def add_webhook(
    url: str, *, by: Reader, kinds: Iterable[str] = EventKind.values, description: str = ""
) -> WebhookEndpoint:
    """Have an address called for what happens from now on; its `secret` is to be shown now and never again."""
    get_user_model().objects.select_for_update().get(pk=by.pk)
    refuse_if(objections_to_webhook(others=WebhookEndpoint.objects.visible_to(by).count()))
    return WebhookEndpoint.objects.create(
        owner_id=by.pk, url=url, description=description, kinds=sorted(kinds), secret=new_secret()
    )


@transaction.atomic
def rotate_secret(endpoint: WebhookEndpoint) -> WebhookEndpoint:
    """A new secret; for a day the old one signs beside it, so that the receiver can change over."""
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    endpoint.previous_secret, endpoint.secret = endpoint.secret, new_secret()
    endpoint.rotated_at = timezone.now()
    endpoint.save(update_fields=["previous_secret", "secret", "rotated_at"])
    return endpoint


@transaction.atomic
def remove_webhook(endpoint: WebhookEndpoint) -> None:
    """Call it no more, and forget how its deliveries went."""
    endpoint.delete()


@transaction.atomic
def replay(delivery: WebhookDelivery) -> WebhookDelivery:
    """Call once more, whether it arrived or was given up."""
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("event").get(pk=delivery.pk)
    start_anew(delivery)
    return delivery
