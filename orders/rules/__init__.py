"""What stands against a request, an offer, an order; pure."""

from orders.rules.offering import Line, lines_from, objections_to_acceptance, objections_to_lines, objections_to_offer
from orders.rules.ordering import objections_to_order, objections_to_sending
from orders.rules.way import Step, way_of_order, way_of_request

__all__ = [
    "Line",
    "Step",
    "lines_from",
    "objections_to_acceptance",
    "objections_to_lines",
    "objections_to_offer",
    "objections_to_order",
    "objections_to_sending",
    "way_of_order",
    "way_of_request",
]
