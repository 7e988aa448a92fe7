from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.db.models import BigIntegerField, Case, Func, QuerySet, When

from notifications.states import DeliveryState

if TYPE_CHECKING:
    from notifications.models import (  # noqa: F401 (the names in quotes below)
        Event,
        Mail,
        Notice,
        Outgoing,
        Sms,
        WebhookDelivery,
        WebhookEndpoint,
    )

Row = TypeVar("Row", bound="Outgoing")


class TransactionId(Func):
    """The id of the transaction that asks: 64 bits wide, so that it never comes round again."""

    template = "pg_current_xact_id()::text::bigint"
    output_field = BigIntegerField()


class OldestRunning(Func):
    """The oldest transaction that is under way: those before it have ended, and nothing of theirs is still to come."""

    template = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    output_field = BigIntegerField()


class NoticeQuerySet(QuerySet["Notice"]):
    def of(self, user: Any) -> NoticeQuerySet:
        return self.filter(reader=user)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)

    def due(self, at: datetime) -> NoticeQuerySet:
        """What the bell shows by then; what is told later may still be taken back unseen."""
        return self.filter(due_at__lte=at)


class OutgoingQuerySet(QuerySet[Row]):
    def waiting(self) -> Self:
        return self.filter(state=DeliveryState.WAITING)

    def due(self, at: datetime) -> Self:
        """Waiting ones whose time has come, the longest waiting first."""
        return self.waiting().filter(due_at__lte=at).order_by("due_at")

    def dead(self) -> Self:
        return self.filter(state=DeliveryState.DEAD)


class MailQuerySet(OutgoingQuerySet["Mail"]):
    pass


class SmsQuerySet(OutgoingQuerySet["Sms"]):
    def due(self, at: datetime) -> Self:
        """Codes first: somebody looks at their phone and waits."""
        return super().due(at).order_by(Case(When(occasion="", then=0), default=1), "due_at")


class EventQuerySet(QuerySet["Event"]):
    def visible_to(self, user: Any) -> EventQuerySet:
        return self.filter(audience__contains=[user.pk])

    def between(self, since: datetime, until: datetime) -> EventQuerySet:
        return self.filter(created_at__gte=since, created_at__lt=until)

    def settled(self) -> EventQuerySet:
        """In an order that nothing joins in the middle: without those that a transaction under way may yet precede."""
        return self.filter(xid__lt=OldestRunning()).order_by("xid", "id")

    def after(self, xid: int, event_id: UUID) -> EventQuerySet:
        """Those that follow one of them in that order."""
        return self.filter(xid__gte=xid).exclude(xid=xid, id__lte=event_id)


class WebhookEndpointQuerySet(QuerySet["WebhookEndpoint"]):
    def visible_to(self, user: Any) -> WebhookEndpointQuerySet:
        return self.filter(owner=user)


class WebhookDeliveryQuerySet(OutgoingQuerySet["WebhookDelivery"]):
    def visible_to(self, user: Any) -> WebhookDeliveryQuerySet:
        return self.filter(endpoint__owner=user)

    def due(self, at: datetime) -> Self:
        """As of any outgoing row, with what is sent; none of a webhook or an owner that was put out of use."""
        in_use = super().due(at).filter(endpoint__active=True, endpoint__owner__is_active=True)
        # Replayed together they are due together: then in the order in which they happened.
        return in_use.order_by("due_at", "event_id").select_related("endpoint", "event")
