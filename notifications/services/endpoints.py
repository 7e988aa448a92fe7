from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.errors import WrongInput, refuse_if
from common.reach import refuse_unless_listed
from notifications.models import Event, WebhookDelivery, WebhookEndpoint
from notifications.rules import objections_to_call, objections_to_webhook
from notifications.services.outgoing import start_anew
from notifications.services.signing import new_secret
from notifications.services.tell import Reader
from notifications.states import DeliveryState, EventKind

MOST_REPLAYED = 10_000


@transaction.atomic
def add_webhook(
    url: str, *, by: Reader, kinds: Iterable[str] = EventKind.values, description: str = ""
) -> WebhookEndpoint:
    """Have an address called for what happens from now on; its `secret` is to be shown now and never again."""
    refuse_unless_listed(url, field="url")
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


@transaction.atomic
def change_webhook(
    endpoint: WebhookEndpoint,
    *,
    active: bool | None = None,
    kinds: Iterable[str] | None = None,
    description: str | None = None,
) -> WebhookEndpoint:
    """Pause it or go on, choose other kinds of events, call it something else; None leaves a thing as it is.

    What happens while it is paused is not told later by itself: `replay_between` does that.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    if active is not None:
        endpoint.active = active
    if kinds is not None:
        endpoint.kinds = sorted(kinds)
    if description is not None:
        endpoint.description = description[:200]
    endpoint.save(update_fields=["active", "kinds", "description"])
    return endpoint


@transaction.atomic
def replay_between(endpoint: WebhookEndpoint, *, since: datetime, until: datetime) -> int:
    """Call once more for all that happened in a span of time, also for what was missed; returns for how many events.

    Raises WrongInput for a span that is empty or holds more than 10,000 events, Refused while it is paused.
    """
    endpoint = WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
    refuse_if(objections_to_call(active=endpoint.active))
    if since >= until:
        raise WrongInput("until", "empty", _("The end lies before the beginning."))
    found = Event.objects.filter(audience__contains=[endpoint.owner_id], kind__in=endpoint.kinds, passed_on=True)
    events = list(found.between(since, until).order_by("id").values_list("pk", flat=True)[: MOST_REPLAYED + 1])
    if len(events) > MOST_REPLAYED:
        raise WrongInput("since", "too_many", _("More than 10,000 events: choose a shorter time."))
    missed = [WebhookDelivery(endpoint=endpoint, event_id=event) for event in events]
    WebhookDelivery.objects.bulk_create(missed, ignore_conflicts=True, batch_size=1000)
    anew = {"state": DeliveryState.WAITING, "attempts": 0, "due_at": timezone.now()}
    return endpoint.deliveries.filter(event__in=events).update(**anew)


@transaction.atomic
def ping(endpoint: WebhookEndpoint) -> WebhookDelivery:
    """Call it with an event that says nothing, to see whether it answers; nobody else hears of it."""
    refuse_if(objections_to_call(active=endpoint.active))
    event = Event.objects.create(
        kind=EventKind.PING, subject_id=str(endpoint.pk), href=reverse("api_webhook", args=[endpoint.pk]), audience=[],
        passed_on=True,
    )  # fmt: skip
    return WebhookDelivery.objects.create(endpoint=endpoint, event=event)
