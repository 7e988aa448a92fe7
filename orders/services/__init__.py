"""What changes requests, offers and orders: views and tasks see the services and no file."""

from orders.services.match import Match, matches_for, matches_to
from orders.services.money import without_fund
from orders.services.offers import accept, ask_customer, cannot, lapse_offers, make_offer, take_back
from orders.services.placing import place_order, price_for
from orders.services.requests import answer, begin, firms_of, groups_of, revise, send, withdraw
from orders.services.results import add_result, remove_result, replace_result
from orders.services.samples import let_sample_go, note_shipment, receive
from orders.services.talk import thread_of, write_about, write_about_request
from orders.services.work import (
    answer_back,
    close,
    confirm,
    confirm_by_itself,
    dispute,
    ready,
    refuse_order,
    release,
    schedule,
    send_back,
    settle,
    start,
    withdraw_order,
)

__all__ = [
    "Match",
    "accept",
    "add_result",
    "answer",
    "answer_back",
    "ask_customer",
    "begin",
    "cannot",
    "close",
    "confirm",
    "confirm_by_itself",
    "dispute",
    "firms_of",
    "groups_of",
    "lapse_offers",
    "let_sample_go",
    "make_offer",
    "matches_for",
    "matches_to",
    "note_shipment",
    "place_order",
    "price_for",
    "ready",
    "receive",
    "refuse_order",
    "release",
    "remove_result",
    "replace_result",
    "revise",
    "schedule",
    "send",
    "send_back",
    "settle",
    "start",
    "take_back",
    "thread_of",
    "withdraw",
    "withdraw_order",
    "without_fund",
    "write_about",
    "write_about_request",
]
