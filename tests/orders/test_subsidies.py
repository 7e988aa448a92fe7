"""A fund's share in offers and orders: shown, reserved with the acceptance, spent with the charge, given back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts.models import Organisation
from accounts.states import CustomerCategory, OrganisationKind, Role
from billing.models import Charge, Scheme
from billing.services import set_rate
from billing.states import Basis
from instruments.services import enter_test_item
from orders import services
from orders.models import Order
from orders.states import OrderState
from tests import factories
from tests.billing.shop import group_of, recomputed_pool, scheme_of, wallet_with
from tests.orders.desk import offer_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def fund(db) -> Scheme:
    city = Organisation.objects.create(kind=OrganisationKind.GOVERNMENT, name_zh="滨海市科技局")
    return scheme_of(city, cap_per_order=Decimal(500))


@pytest.fixture
def small_firm(db):
    return factories.firm(is_sme=True)


@pytest.fixture
def buyer(small_firm):
    return factories.member("buyer", small_firm, Role.ADMIN)


@pytest.fixture
def wanted(buyer, centre, west, small_firm):
    """A request for which a subsidy is wanted, sent to two laboratories."""
    request = services.begin(by=buyer, problem="齿轮剥落，想知道原因", organisation=small_firm)
    services.revise(request, by=buyer, answers={"sample_kind": "齿轮", "sample_count": 2, "wants_subsidy": True})
    return services.send(request, by=buyer, facilities=[centre, west])


def pool(fund):
    fund.refresh_from_db()
    assert recomputed_pool(fund) == (fund.reserved, fund.spent)
    return str(fund.reserved), str(fund.spent)


def test_an_offer_shows_the_fund_s_share_and_its_acceptance_reserves_it(
    browse, buyer, wanted, centre, manager, west, rival, fund, brought
):
    dear, cheap = offer_of(wanted, centre, manager, "500.00"), offer_of(wanted, west, rival, "100.00")
    assert [str(each.to_pay) for each in (dear, cheap)] == ["1000.00", "180.00"]  # 500 is the most, else 40 %
    page = browse(buyer).get(f"/requests/{wanted.pk}/").content.decode()
    assert "已减补贴 ¥500.00" in page
    assert fund.name_zh in page
    assert pool(fund) == ("0.00", "0.00")

    browse(buyer).post(f"/offers/{dear.pk}/do/", {"do": "accept"})
    order = Order.objects.get()
    assert pool(fund) == ("500.00", "0.00")
    brought(order, OrderState.RESULTS_RELEASED, lab=manager)
    services.confirm(order, by=buyer)
    charge = Charge.objects.get()
    assert [str(each) for each in (charge.gross, charge.covered, charge.to_pay)] == ["1500.00", "500.00", "1000.00"]
    assert pool(fund) == ("0.00", "500.00")


def test_who_wants_no_subsidy_or_is_no_small_firm_gets_none(asked, wanted, centre, manager, fund):
    assert str(offer_of(asked, centre, manager).to_pay) == "1200.00"
    fund.for_categories = [CustomerCategory.ACADEMIC]
    fund.save()
    assert str(offer_of(wanted, centre, manager).to_pay) == "1200.00"


def test_of_two_who_accept_the_last_of_a_fund_the_second_keeps_the_offer_at_its_full_price(
    browse, call, buyer, wanted, centre, manager, fund
):
    offer = offer_of(wanted, centre, manager)
    assert str(offer.price["covered"]) == "480.00"
    Scheme.objects.filter(pk=fund.pk).update(budget=Decimal(400))

    refused = call(buyer).post(f"/api/v1/offers/{offer.pk}/accept/", {})
    assert (refused.status_code, refused.json()["objections"][0]["code"]) == (409, "scheme_spent")
    offer.refresh_from_db()
    assert (offer.state, offer.agreement, Order.objects.exists()) == ("open", None, False)

    firm = browse(buyer)
    page = firm.get(f"/requests/{wanted.pk}/").content.decode()
    assert "¥1,200.00" in page
    assert 'name="at_full_price"' in page
    assert firm.post(f"/offers/{offer.pk}/do/", {"do": "accept", "at_full_price": "yes"}).status_code == 302
    order = Order.objects.get()
    assert (order.price["to_pay"], order.price["covered"], order.price["scheme"]) == ("1200.00", "0.00", None)
    assert pool(fund) == ("0.00", "0.00")


def test_an_order_at_a_published_price_is_charged_as_it_was_shown(university, centre, manager, fund, labmate, brought):
    fund.for_categories = [CustomerCategory.OWN_INSTITUTION]
    fund.save()
    group = group_of(factories.member("pi", university), university)
    group.admissions.create(person=labmate)
    wallet = wallet_with(group, university, paid_in="500")
    item = enter_test_item(centre, by=manager, slug="hardness", name_zh="硬度", purpose_zh="比较硬度")
    set_rate(item, by=None, category="own_institution", basis=Basis.SAMPLE, amount=Decimal(100))

    order = services.place_order(item, by=labmate, samples=["一", "二"], group=group)
    wallet.refresh_from_db()
    assert (order.price["to_pay"], str(wallet.held), pool(fund)) == ("120.00", "120.00", ("80.00", "0.00"))
    services.withdraw_order(order, by=labmate)
    wallet.refresh_from_db()
    assert (str(wallet.held), pool(fund)) == ("0.00", ("0.00", "0.00"))
