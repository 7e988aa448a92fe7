"""What is asked of laboratories, what they offer, and the work that they do for others."""

from orders.models.history import OfferEvent, OrderEvent, RequestEvent
from orders.models.order import ONE_ORDER, Custody, Order, OrderStep, Result, Sample
from orders.models.request import ONE_ACCEPTED, ONE_OPEN, Enquiry, Offer, Request

__all__ = [
    "ONE_ACCEPTED",
    "ONE_OPEN",
    "ONE_ORDER",
    "Custody",
    "Enquiry",
    "Offer",
    "OfferEvent",
    "Order",
    "OrderEvent",
    "OrderStep",
    "Request",
    "RequestEvent",
    "Result",
    "Sample",
]
