"""Two who accept at once, and who accepts while the offer lapses: one wins; without the guards two would."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Event, Lock
from unittest.mock import patch

import pytest
from django.db import connection
from django.utils import timezone

from common.errors import Refused
from orders import services
from orders.models import Offer, Order, Request
from orders.services import offers
from orders.states import OfferState
from tests.billing.shop import in_threads
from tests.orders.desk import offer_of

pytestmark = pytest.mark.django_db(transaction=True)
LOCK = "orders.services.offers.locked_request"


@pytest.fixture
def two(asked, centre, manager, west, rival):
    """Two offers for one request."""
    return [offer_of(asked, centre, manager), offer_of(asked, west, rival, "380.00")]


@pytest.fixture(autouse=True)
def _signed_at_once(monkeypatch):
    """Drawing a PDF takes half a second, and is no part of the race."""
    import orders.services.offers as module  # noqa: PLC0415

    page = module.agreement
    drawn: list[bytes] = []

    def once(offer, **given):
        if not drawn:
            drawn.append(page(offer, **given))
        return drawn[0]

    monkeypatch.setattr(module, "agreement", once)


def unlocked(parties: int):
    """Reads the request as the lock would, and waits until all have read."""
    barrier = Barrier(parties, timeout=5)

    def read(request):
        found = Request.objects.with_everything().get(pk=request.pk)
        barrier.wait()
        return found

    return read


def accepted(results):
    refused = [each for each in results if isinstance(each, Refused)]
    assert all(each.refusals[0].code == "already_accepted" for each in refused), results
    return [each for each in results if isinstance(each, Order)]


def test_of_two_offers_accepted_at_once_one_becomes_the_order(two, buyer):
    results = in_threads([lambda offer=each: services.accept(offer, by=buyer) for each in two])
    assert (len(accepted(results)), Order.objects.count()) == (1, 1)
    assert sorted(Offer.objects.values_list("state", flat=True)) == [OfferState.ACCEPTED, OfferState.PASSED_OVER]


def test_without_the_lock_the_constraint_alone_lets_one_through(two, buyer):
    with patch(LOCK, unlocked(2)):
        results = in_threads([lambda offer=each: services.accept(offer, by=buyer) for each in two])
    assert (len(accepted(results)), Order.objects.count()) == (1, 1)


def accepting_once_both_have_looked(buyer, page):
    """Accepts an offer, but goes on from its checks only when both have made theirs, and then one after the other."""
    looked, turn = Barrier(2, timeout=20), Lock()

    def signed(_offer, **_given):
        looked.wait()
        turn.acquire()
        return page

    def accept(offer):
        try:
            return services.accept(offer, by=buyer)
        finally:
            if turn.locked():
                turn.release()

    return accept, signed


def test_without_lock_and_constraints_there_would_be_two_orders(two, buyer):
    guards = {
        "offer_one_accepted": "orders_offer (request_id) WHERE state = 'accepted'",
        "order_one_of_request": "orders_order (request_id) WHERE request_id IS NOT NULL",
    }
    accept, signed = accepting_once_both_have_looked(buyer, offers.agreement(two[0], by=buyer, at=timezone.now()))
    with connection.cursor() as cursor:
        for name in guards:
            cursor.execute(f"DROP INDEX {name}")
    try:
        with patch(LOCK, unlocked(1)), patch("orders.services.offers.agreement", signed):
            in_threads([lambda offer=each: accept(offer) for each in two])
        assert Order.objects.count() == 2
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE orders_order, orders_offer CASCADE")
            for name, on in guards.items():
                cursor.execute(f"CREATE UNIQUE INDEX {name} ON {on}")


def lapse(offer):
    return lambda: services.lapse_offers(now=offer.expires_at + timedelta(seconds=1))


def test_an_offer_that_lapses_while_it_is_accepted_does_one_of_the_two(offered, buyer):
    taken, lapsed = in_threads([lambda: services.accept(offered, by=buyer), lapse(offered)])
    offered.refresh_from_db()
    if offered.state == OfferState.ACCEPTED:
        assert (lapsed, Order.objects.count()) == (0, 1)
    else:
        assert (offered.state, lapsed, Order.objects.count()) == (OfferState.LAPSED, 1, 0)
        assert isinstance(taken, Refused)


def test_without_the_lock_it_would_do_both(offered, buyer):
    page, looked, over = offers.agreement(offered, by=buyer, at=timezone.now()), Event(), Event()

    def signed(_offer, **_given):
        looked.set()
        over.wait(20)
        return page

    def lapse_between():
        looked.wait(20)
        try:
            return lapse(offered)()
        finally:
            over.set()

    with patch(LOCK, unlocked(1)), patch("orders.services.offers.agreement", signed):
        results = in_threads([lambda: services.accept(offered, by=buyer), lapse_between])
    assert [isinstance(results[0], Order), results[1]] == [True, 1]
