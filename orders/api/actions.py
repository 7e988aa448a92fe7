"""REST: one action for each step of an order."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.models import User
from accounts.states import Scope
from orders import services
from orders.api import shapes
from orders.api.asking import order_of
from orders.models import Order
from records.api import ActUpon


@extend_schema_view(post=extend_schema(responses=shapes.OneOrderSerializer))
class ActUponOrder(ActUpon):
    scope = Scope.ORDERS

    def find(self, pk: UUID) -> Order:
        return order_of(self.request, pk)

    def tell(self, found: Order, done: Order) -> dict[str, Any]:
        return dict(shapes.OneOrderSerializer(self.find(found.pk)).data)


class ScheduleOrder(ActUponOrder):
    """The laboratory takes the order on, and says by when the results will be there."""

    serializer_class = shapes.ScheduleSerializer
    act = staticmethod(services.schedule)


class ReturnOrder(ActUponOrder):
    """The laboratory must know more first."""

    serializer_class = shapes.OrderQuestionSerializer
    act = staticmethod(services.send_back)


class RefuseOrder(ActUponOrder):
    """The laboratory cannot do it, and says why."""

    serializer_class = shapes.OrderReasonSerializer
    act = staticmethod(services.refuse_order)


class WithdrawOrder(ActUponOrder):
    """The customer wants it no more; free of charge until the work begins."""

    serializer_class = shapes.OrderOptionalReasonSerializer
    act = staticmethod(services.withdraw_order)


class ReceiveSamples(ActUponOrder):
    """Samples came in, each with its condition."""

    serializer_class = shapes.ReceiveSerializer

    @staticmethod
    def act(order: Order, *, by: User, samples: list[dict[str, Any]], place: str) -> Order:
        conditions = {each["sample"]: each["condition"] for each in samples}
        return services.receive(order, by=by, conditions=conditions, place=place)


class StartOrder(ActUponOrder):
    """The work begins."""

    serializer_class = shapes.NoBodySerializer
    act = staticmethod(services.start)


class ReadyOrder(ActUponOrder):
    """The results are handed in."""

    serializer_class = shapes.OrderNoteSerializer
    act = staticmethod(services.ready)


class ReleaseOrder(ActUponOrder):
    """The customer gets the results; from then on they never change."""

    serializer_class = shapes.NoBodySerializer
    act = staticmethod(services.release)


class ConfirmOrder(ActUponOrder):
    """The customer is content; the order is charged."""

    serializer_class = shapes.NoBodySerializer
    act = staticmethod(services.confirm)


class DisputeOrder(ActUponOrder):
    """The customer objects to the results."""

    serializer_class = shapes.OrderReasonSerializer
    act = staticmethod(services.dispute)


class SettleOrder(ActUponOrder):
    """The laboratory answers an objection: `again`, `stands` or `dropped`."""

    serializer_class = shapes.SettleSerializer
    act = staticmethod(services.settle)


class CloseOrder(ActUponOrder):
    """Nothing is left to do."""

    serializer_class = shapes.NoBodySerializer
    act = staticmethod(services.close)
