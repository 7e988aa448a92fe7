"""The one place where the state of a request or an order changes, and where it is locked for that."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Refusal, Refused
from orders.models import Order, Request
from orders.states import NEXT, NEXT_OF_REQUEST, OrderState, RequestState


def locked_request(request: Request) -> Request:
    """The request as it is now, held until this transaction ends: whatever happens to its offers goes by it."""
    Request.objects.select_for_update(no_key=True).only("pk").get(pk=request.pk)
    return Request.objects.with_everything().get(pk=request.pk)


def locked_order(order: Order) -> Order:
    """The order as it is now, held until this transaction ends."""
    Order.objects.select_for_update(no_key=True).only("pk").get(pk=order.pk)
    return Order.objects.with_everything().get(pk=order.pk)


def refuse_state(thing: Request | Order) -> None:
    """Raise Refused (`wrong_state`): what was asked cannot be done as it stands."""
    sentence = _("This cannot be done any more: it is “%(state)s”.") % {"state": thing.get_state_display()}
    raise Refused([Refusal("wrong_state", sentence, values={"state": thing.state})])


def refuse_unless(thing: Request | Order, *states: str) -> None:
    """Raise Refused unless it is in one of these states."""
    if thing.state not in states:
        refuse_state(thing)


def turn_request(request: Request, state: RequestState, **fields: Any) -> Request:
    """Go to `state`, where the table knows the way."""
    if state not in NEXT_OF_REQUEST[request.state]:
        refuse_state(request)
    return write_request(request, state=state, **fields)


def write_request(request: Request, **fields: Any) -> Request:
    """Change columns of a locked request: its version goes up."""
    _write(request, fields)
    return request


def turn(order: Order, state: OrderState, *, by: User | None, note: str = "", **fields: Any) -> Order:
    """Go to `state`, where the table knows the way, and write the step down (`by` None: by itself)."""
    if state not in NEXT[order.state]:
        refuse_state(order)
    write(order, state=state, **fields)
    order.steps.create(state=state, by=by, note=note[:1000], at=order.updated_at)
    return order


def write(order: Order, **fields: Any) -> Order:
    """Change columns of a locked order: its version goes up."""
    _write(order, fields)
    return order


def _write(thing: Request | Order, fields: dict[str, Any]) -> None:
    changes = {"version": thing.version + 1, "updated_at": timezone.now(), **fields}
    for name, value in changes.items():
        setattr(thing, name, value)
    thing.save(update_fields=list(changes))
