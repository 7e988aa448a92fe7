"""A firm with somebody who asks for it, two laboratories that answer, and what stands between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.states import Role
from orders import services
from orders.models import Offer, Order, Request
from tests import factories
from tests.orders.desk import offer_of, report, sent


@pytest.fixture
def firm(db):
    return factories.firm(uscc="91210299DEM000014W")


@pytest.fixture
def buyer(firm):
    """The firm's admin."""
    return factories.member("buyer", firm, Role.ADMIN)


@pytest.fixture
def west(db):
    return factories.laboratory(factories.university(name_zh="西海大学"), "west")


@pytest.fixture
def rival(west):
    """The lab admin of another institution."""
    return factories.lab_admin("rival", west)


@pytest.fixture
def asked(buyer, centre, manager, west, rival) -> Request:
    """A request that both laboratories were sent."""
    return sent(buyer, centre, west)


@pytest.fixture
def offered(asked, centre, manager) -> Offer:
    return offer_of(asked, centre, manager)


@pytest.fixture
def ordered(offered, buyer) -> Order:
    return services.accept(offered, by=buyer)


@pytest.fixture
def brought() -> Callable[..., Order]:
    """An order brought to a state by the laboratory's own steps."""

    def to(order: Order, state: str, *, lab: Any) -> Order:
        samples = {each.pk: "完好" for each in order.samples.all()}
        steps: dict[str, Callable[[Order], Any]] = {
            "scheduled": lambda each: services.schedule(each, by=lab),
            "in_work": lambda each: (services.receive(each, by=lab, conditions=samples), services.start(each, by=lab)),
            "results_ready": lambda each: (
                services.add_result(each, by=lab, file=report()),
                services.ready(each, by=lab),
            ),
            "results_released": lambda each: services.release(each, by=lab),
        }
        for name, step in steps.items():
            step(order)
            order.refresh_from_db()
            if name == state:
                break
        return order

    return to
