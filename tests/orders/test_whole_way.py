"""From one sentence to confirmed results, as firm and laboratory go it; and what each of them may not see."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from billing.models import Charge
from instruments.services import enter_test_item
from notifications.models import Mail, Notice
from orders import services
from orders.models import Order, Request, Result
from orders.states import OrderState, RequestState
from tests.common.hostile import picture
from tests.factories import signed_in
from tests.orders.desk import offer_of, report, sent

pytestmark = pytest.mark.django_db


def test_a_visitor_writes_first_and_signs_in_then_and_nothing_is_lost(browse, buyer):
    visitor = browse()
    photo = SimpleUploadedFile("crack.png", picture("PNG"))
    page = visitor.post("/requests/new/", {"problem": "轴承断了，为什么？", "photo": photo})
    assert page.status_code == 302
    assert "/accounts/login/?next=" in page["Location"]
    assert not Request.objects.exists()
    assert visitor.get("/requests/new/", {}).status_code == 200

    signed_in(visitor, buyer)  # the session stays the same, as it does on the sign-in page
    assert visitor.get("/landing/")["Location"] == "/requests/new/"
    assert "轴承断了，为什么？" in visitor.get("/requests/new/").content.decode()
    page = visitor.post("/requests/new/", {"problem": "轴承断了，为什么？"})

    request = Request.objects.get()
    assert page["Location"] == f"/requests/{request.pk}/edit/"
    assert request.photo is not None
    assert not request.photo.public
    assert (request.state, request.organisation) == (RequestState.DRAFT, buyer.memberships.get().organisation)


def test_firm_and_laboratory_go_the_whole_way(browse, buyer, asked, centre, manager, west, rival):
    enquiry = asked.enquiries.get(facility=centre)
    lab, firm = browse(manager), browse(buyer)
    day = timezone.localdate() + timedelta(days=20)
    form = {
        "line-TOTAL_FORMS": "6", "line-INITIAL_FORMS": "0", "line-0-name_zh": "断口分析", "line-0-quantity": "2",
        "line-0-unit": "件", "line-0-unit_price": "450", "results_by": f"{day:%Y-%m-%d}",
        "pay_when": "after_confirmation", "standard": "GB/T 17359",
    }  # fmt: skip
    assert lab.post(f"/enquiries/{enquiry.pk}/offer/", form).status_code == 302
    page = firm.get(f"/requests/{asked.pk}/").content.decode()
    assert "¥900.00" in page
    assert "GB/T 17359" in page

    offer = asked.offers.get()
    firm.post(f"/offers/{offer.pk}/do/", {"do": "accept"})
    order = Order.objects.get()
    offer.refresh_from_db()
    assert (order.state, offer.agreement_sha256) == (OrderState.ACCEPTED, offer.agreement.sha256)
    assert len(order.samples.all()) == 2

    def press(client, do, **given):
        response = client.post(f"/orders/{order.pk}/do/", {"do": do, **given})
        assert response.status_code == 302
        order.refresh_from_db()
        return order.state

    assert press(lab, "schedule", results_by=f"{day:%Y-%m-%d}") == OrderState.SCHEDULED
    assert press(lab, "start") == OrderState.SCHEDULED  # no sample is there yet
    first, second = order.samples.all()
    press(lab, "receive", received=[first.pk, second.pk], place="A101", **{f"condition-{first.pk}": "有锈"})
    first.refresh_from_db()
    assert (first.state, first.condition, first.custody.get().place) == ("received", "有锈", "A101")
    assert press(lab, "start") == OrderState.IN_WORK
    assert press(lab, "ready") == OrderState.IN_WORK  # no file is there yet
    lab.post(f"/orders/{order.pk}/do/", {"do": "add_result", "file": report()})
    assert press(lab, "ready") == OrderState.RESULTS_READY

    result = Result.objects.get()
    assert firm.get(f"/results/{result.pk}/").status_code == 404
    assert press(lab, "release") == OrderState.RESULTS_RELEASED
    sent_file = firm.get(f"/results/{result.pk}/")
    assert b"".join(sent_file.streaming_content) == report().read()
    assert press(firm, "confirm") == OrderState.CONFIRMED

    assert str(order.charge.to_pay) == "900.00"
    assert str(order.charge.net + order.charge.vat) == "900.00"
    assert "900.00" in firm.get(f"/orders/{order.pk}/").content.decode()
    for printed in ("slip.pdf", "labels.pdf"):
        assert firm.get(f"/orders/{order.pk}/{printed}").content.startswith(b"%PDF")
    assert Notice.objects.filter(reader=manager, event="order_moved").exists()


def test_who_has_no_part_in_it_finds_nothing(browse, call, buyer, ordered, asked, stranger, rival, manager):
    result_less = f"/orders/{ordered.pk}/"
    for nobody in (stranger, rival):
        assert browse(nobody).get(result_less).status_code == 404
        assert browse(nobody).post(f"{result_less}do/", {"do": "say", "text": "x"}).status_code == 404
    assert browse(rival).get(f"/requests/{asked.pk}/").status_code == 200  # it was asked too
    assert "¥1,200.00" not in browse(rival).get(f"/requests/{asked.pk}/").content.decode()
    assert browse(rival).get(f"/offers/{ordered.offer_id}/agreement.pdf").status_code == 404
    assert browse(stranger).get(f"/requests/{asked.pk}/").status_code == 404
    assert browse(manager).get(result_less).status_code == 200


def test_results_confirm_themselves_after_ten_working_days_and_an_objection_stops_that(
    ordered, brought, buyer, manager
):
    order = brought(ordered, OrderState.RESULTS_RELEASED, lab=manager)
    last = order.confirm_by
    assert services.confirm_by_itself(on=last) == 0
    services.dispute(order, by=buyer, reason="数据与图不符")
    assert services.confirm_by_itself(on=last + timedelta(days=1)) == 0
    assert not Charge.objects.exists()

    services.settle(order, by=manager, outcome="again", note="重新测试")
    services.add_result(order, by=manager, file=report("again.csv"))
    services.ready(order, by=manager)
    services.release(order, by=manager)
    order.refresh_from_db()
    assert services.confirm_by_itself(on=order.confirm_by + timedelta(days=1)) == 1
    assert services.confirm_by_itself(on=order.confirm_by + timedelta(days=1)) == 0
    order.refresh_from_db()
    assert (order.state, Charge.objects.count()) == (OrderState.CONFIRMED, 1)
    assert order.steps.last().by is None


def test_offers_lapse_after_thirty_days_and_both_sides_hear_of_it(offered, asked, buyer, manager):
    with time_machine.travel(timezone.now() + timedelta(days=31), tick=False):
        assert services.lapse_offers(now=timezone.now()) == 1
        assert services.lapse_offers(now=timezone.now()) == 0
    asked.refresh_from_db()
    assert asked.state == RequestState.LAPSED
    assert {each.reader for each in Mail.objects.filter(event="offer_lapsed")} == {buyer, manager}


def test_when_nobody_can_the_request_says_so_and_one_question_comes_back_answered(
    asked, centre, manager, west, rival, buyer
):
    ours, theirs = (asked.enquiries.get(facility=each) for each in (centre, west))
    services.ask_customer(ours, by=manager, question="是什么材料？")
    services.answer(ours, by=buyer, text="GCr15")
    ours.refresh_from_db()
    assert ours.state == "waiting"
    for enquiry, by in ((ours, manager), (theirs, rival)):
        services.cannot(enquiry, by=by, reason="没有合适的仪器")
    asked.refresh_from_db()
    assert asked.state == RequestState.INFEASIBLE


def test_without_a_choice_the_laboratories_that_fit_are_asked(buyer, centre, west, manager):
    centre.test_items.create(slug="fracture", name_zh="断口分析", purpose_zh="判断断裂原因")
    enter_test_item(west, slug="bearing", name_zh="轴承断口分析", purpose_zh="轴承断裂原因", by=None)
    request = sent(buyer)
    assert {each.facility for each in request.enquiries.all()} == {west}


def test_lists_cost_the_same_at_two_orders_and_at_ten(browse, statements, buyer, centre, manager):
    client, lab = browse(buyer), browse(manager)

    def ask_once():
        order = services.accept(offer(sent(buyer, centre)), by=buyer)
        sent(buyer, centre)
        return order

    def offer(request):
        return offer_of(request, centre, manager)

    def count(who, page):
        who.get(page)
        with statements() as asked_for:
            assert who.get(page).status_code == 200
        return len(asked_for)

    ask_once()
    before = count(client, "/orders/"), count(lab, "/lab-orders/")
    for _n in range(3):
        ask_once()
    assert (count(client, "/orders/"), count(lab, "/lab-orders/")) == before
