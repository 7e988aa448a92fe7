"""What must not go through: each with a clear reason, and nothing half done."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, InternalError, transaction
from django.utils import timezone

from accounts.models import ResearchGroup
from accounts.states import CustomerCategory, Role
from billing.models import Hold
from billing.services import pay_charge, pay_in, set_rate, wallet_of
from billing.states import Basis, PaymentKind
from notifications.models import Mail
from orders import services
from orders.models import Offer, Order, Result
from orders.states import OrderState
from tests import factories
from tests.orders.desk import offer_of, report

pytestmark = pytest.mark.django_db


def codes(response):
    body = response.json()
    return [each["code"] for each in body.get("objections", body.get("errors", [{"code": body.get("code")}]))]


def test_a_lapsed_offer_cannot_be_accepted(call, buyer, offered):
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1), tick=False):
        response = call(buyer).post(f"/api/v1/offers/{offered.pk}/accept/")
        assert (response.status_code, codes(response)) == (409, ["offer_lapsed"])
        assert "有效期至" in response.json()["detail"]
    assert not Order.objects.exists()


@pytest.mark.parametrize("days", [None, -1])
def test_an_unverified_firm_asks_and_gets_offers_and_cannot_accept(call, browse, centre, manager, days):
    firm = factories.firm(verified=False)
    if days:
        factories.verify(firm, days=days)  # whose last day is past, told or not
    buyer = factories.member("newcomer", firm, Role.ADMIN)
    api = call(buyer)
    made = api.post("/api/v1/requests/", {"problem": "断了", "sample_kind": "轴", "organisation": str(firm.pk)})
    assert made.status_code == 201
    assert api.post(f"/api/v1/requests/{made.json()['id']}/send/", {"facilities": ["centre"]}).status_code == 200
    offer = offer_of(buyer.requests.get(), centre, manager)
    Mail.objects.all().delete()

    response = api.post(f"/api/v1/offers/{offer.pk}/accept/")

    assert (response.status_code, codes(response)) == (409, ["firm_not_verified"])
    assert "2 个工作日" in response.json()["detail"]
    offer.refresh_from_db()
    assert (offer.state, offer.agreement, Order.objects.exists(), Mail.objects.exists()) == ("open", None, False, False)
    assert "尚未认证" in browse(buyer).get(offer.get_absolute_url()).content.decode()


def test_a_plain_member_does_not_bind_the_firm(call, firm, offered):
    clerk = factories.member("clerk", firm)
    assert call(clerk).post(f"/api/v1/offers/{offered.pk}/accept/").status_code == 403
    assert not Order.objects.exists()


def test_a_laboratory_that_was_not_asked_offers_nothing(call, asked, stranger, manager, rival):
    elsewhere = factories.lab_admin(
        "elsewhere", factories.laboratory(factories.university(name_zh="南海大学"), "south")
    )
    enquiry = asked.enquiries.first()
    body = {
        "enquiry": str(enquiry.pk), "lines": [{"name_zh": "x", "unit_price": "1.00"}],
        "results_by": f"{timezone.localdate() + timedelta(days=9)}",
    }  # fmt: skip
    for nobody in (elsewhere, stranger):
        assert call(nobody).post("/api/v1/offers/", body).status_code == 404
    wrong_lab = rival if enquiry.facility.slug == "centre" else manager
    assert call(wrong_lab).post("/api/v1/offers/", body).status_code == 404
    assert not Offer.objects.exists()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"name_zh": "x", "unit_price": "-1.00"}, "price_negative"),
        ({"name_zh": "x", "unit_price": "1.00", "quantity": "0"}, "quantity_wrong"),
        ({"name_zh": "x", "unit_price": "1.00", "quantity": "-2"}, "quantity_wrong"),
        ({"name_zh": "x", "unit_price": "99999999.00"}, "price_too_high"),
    ],
)
def test_prices_below_zero_and_beyond_measure_are_refused(call, asked, centre, manager, line, code):
    enquiry = asked.enquiries.get(facility=centre)
    day = timezone.localdate() + timedelta(days=9)
    response = call(manager).post(
        "/api/v1/offers/", {"enquiry": str(enquiry.pk), "lines": [line], "results_by": f"{day}"}
    )
    assert (response.status_code, codes(response)) == (409, [code])
    enquiry.refresh_from_db()
    assert enquiry.state == "waiting"


def test_a_released_result_is_neither_replaced_nor_removed(browse, ordered, brought, manager):
    brought(ordered, OrderState.RESULTS_RELEASED, lab=manager)
    result = Result.objects.get()
    page = browse(manager).post(f"/orders/{ordered.pk}/do/", {"do": "remove_result", "result": result.pk}, follow=True)
    assert "不能替换或删除" in page.content.decode()
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        Result.objects.filter(pk=result.pk).update(sha256="0" * 64)
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        Result.objects.filter(pk=result.pk).delete()
    late = browse(manager).post(
        f"/orders/{ordered.pk}/do/", {"do": "add_result", "file": report("late.csv")}, follow=True
    )
    assert "已不能" in late.content.decode()
    assert [each.sha256 for each in Result.objects.all()] == [result.sha256]


def test_custody_is_never_rewritten(ordered, brought, manager):
    brought(ordered, OrderState.IN_WORK, lab=manager)
    rows = ordered.samples.first().custody.all()
    with pytest.raises((InternalError, DatabaseError)), transaction.atomic():
        rows.update(note="x")
    assert rows.get().note == "完好"


def test_results_that_are_paid_first_are_not_released_before(asked, centre, manager, buyer, brought, browse):
    offer = offer_of(asked, centre, manager)
    Offer.objects.filter(pk=offer.pk).update(pay_when="before_results")
    offer.refresh_from_db()
    order = brought(services.accept(offer, by=buyer), OrderState.RESULTS_READY, lab=manager)
    assert order.charge is not None
    page = browse(manager).post(f"/orders/{order.pk}/do/", {"do": "release"}, follow=True)
    assert "尚未付款" in page.content.decode()
    order.refresh_from_db()
    assert order.state == OrderState.RESULTS_READY

    pay_charge(order.charge, by=None, how=PaymentKind.TRANSFER)
    services.release(order, by=manager)
    services.dispute(order, by=buyer, reason="数据缺失")
    services.settle(order, by=manager, outcome="dropped", note="无法重测")
    order.charge.refresh_from_db()
    assert (order.charge.refunded, order.charge.left) == (order.charge.to_pay, 0)


def test_the_same_key_orders_once_and_an_empty_wallet_orders_nothing(call, browse, university, centre, researcher):
    group = ResearchGroup.objects.create(organisation=university, pi=researcher, name_zh="课题组")
    item = centre.test_items.create(slug="hardness", name_zh="硬度", purpose_zh="硬度")
    manager = factories.lab_admin("boss", centre)
    set_rate(item, category=CustomerCategory.OWN_INSTITUTION, basis=Basis.SAMPLE, amount=Decimal(50),
             begins=timezone.localdate(), by=manager)  # fmt: skip
    api, body = call(researcher), {"test_item": "hardness", "samples": ["a", "b"]}

    response = api.post("/api/v1/orders/", body)
    assert (response.status_code, codes(response)) == (409, ["wallet_empty"])
    assert not Order.objects.exists()

    pay_in(wallet_of(group), amount=Decimal(150), seller=university, by=None)
    first, second = (api.post("/api/v1/orders/", body, key="once") for _n in range(2))
    assert (first.status_code, second.status_code, first.json()["id"]) == (201, 201, second.json()["id"])
    assert (Order.objects.count(), str(Hold.objects.get().amount)) == (1, "100.00")
    order = Order.objects.get()
    assert (order.group, [str(each.name) for each in order.samples.all()]) == (group, ["a", "b"])
    assert api.post(f"/api/v1/orders/{order.pk}/withdraw/").status_code == 200
    assert wallet_of(group).free == 150
    assert browse(researcher).get("/items/hardness/order/").status_code == 200


def test_without_a_published_price_one_is_led_to_a_request(browse, centre, researcher):
    centre.test_items.create(slug="hardness", name_zh="硬度", purpose_zh="硬度")
    response = browse(researcher).get("/items/hardness/order/")
    assert response["Location"] == "/requests/new/?item=hardness"
