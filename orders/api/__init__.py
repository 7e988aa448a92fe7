"""REST: requests, offers, orders with their actions, samples, results."""

from orders.api.actions import (
    CloseOrder,
    ConfirmOrder,
    DisputeOrder,
    ReadyOrder,
    ReceiveSamples,
    RefuseOrder,
    ReleaseOrder,
    ReturnOrder,
    ScheduleOrder,
    SettleOrder,
    StartOrder,
    WithdrawOrder,
)
from orders.api.offers import AcceptOffer, Offers, OneOffer
from orders.api.orders import OneOrder, OrderMessages, Orders, ResultFile, Results, Samples
from orders.api.requests import OneRequest, Requests, SendRequest, WithdrawRequest

__all__ = [
    "AcceptOffer",
    "CloseOrder",
    "ConfirmOrder",
    "DisputeOrder",
    "Offers",
    "OneOffer",
    "OneOrder",
    "OneRequest",
    "OrderMessages",
    "Orders",
    "ReadyOrder",
    "ReceiveSamples",
    "RefuseOrder",
    "ReleaseOrder",
    "Requests",
    "ResultFile",
    "Results",
    "ReturnOrder",
    "Samples",
    "ScheduleOrder",
    "SendRequest",
    "SettleOrder",
    "StartOrder",
    "WithdrawOrder",
    "WithdrawRequest",
]
