"""What the database's own triggers write down when a row changes."""

from __future__ import annotations

import pghistory

from orders.models.order import Order
from orders.models.request import Offer, Request

BOOKKEEPING = ["version", "updated_at"]


class RequestEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Request,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=BOOKKEEPING)),
        append_only=True,
    )
):
    """The life of a request."""


class OfferEvent(pghistory.create_event_model(Offer, append_only=True)):  # type: ignore[misc]
    """The life of an offer."""


class OrderEvent(
    pghistory.create_event_model(  # type: ignore[misc]
        Order,
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=pghistory.AnyChange(exclude=BOOKKEEPING)),
        append_only=True,
    )
):
    """The life of an order, one row a change."""
